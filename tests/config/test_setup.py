"""`make setup` says in one line what is missing, and how to get it."""

import subprocess
import sys

import pytest

from config import setup
from config.services import CHECKOUT


def outcome(**environment):
    return subprocess.run(
        [sys.executable, "-I", "config/setup.py"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_a_missing_program_is_named_with_the_command_that_installs_it():
    told = outcome(PATH="/nowhere")
    assert told.returncode == 1
    assert told.stderr == "git is missing: sudo apt-get install git\n"


def test_a_second_time_there_is_nothing_to_do():
    told = outcome(PATH="/usr/bin:/bin")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_a_library_that_only_saves_time_stops_nothing(monkeypatch, capsys):
    monkeypatch.setattr(setup, "FASTER", {"libnowhere.so.9": "libnowhere9"})
    monkeypatch.setattr(setup.shutil, "which", lambda program: None)
    setup.install_libraries()
    assert "sudo apt-get install libnowhere9" in capsys.readouterr().out


def test_libraries_that_may_not_be_installed_are_named(monkeypatch):
    monkeypatch.setattr(setup, "LIBRARIES", {"libnowhere.so.9": "libnowhere9"})
    monkeypatch.setattr(setup.shutil, "which", lambda program: None)
    with pytest.raises(SystemExit, match="sudo apt-get install libnowhere9"):
        setup.install_libraries()


def test_a_translation_is_compiled_once(tmp_path, monkeypatch):
    texts = tmp_path / "locale" / "da" / "LC_MESSAGES" / "django.po"
    texts.parent.mkdir(parents=True)
    texts.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "application"\nmsgstr "ansøgning"\n'
    )
    monkeypatch.setattr(setup, "CHECKOUT", tmp_path)
    setup.compile_translations()
    compiled = texts.with_suffix(".mo")
    assert "ansøgning".encode() in compiled.read_bytes()
    first = compiled.stat().st_mtime_ns
    setup.compile_translations()
    assert compiled.stat().st_mtime_ns == first
