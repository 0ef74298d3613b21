"""requirements.lock follows pyproject.toml."""

import shutil
from pathlib import Path

from config import lock


def test_the_lock_was_made_from_the_dependencies_beside_it():
    assert lock.in_step(lock.PYPROJECT, lock.LOCK)


def test_another_dependency_asks_for_another_lock(tmp_path):
    pyproject = tmp_path / "pyproject.toml"
    text = lock.PYPROJECT.read_text()
    pyproject.write_text(text.replace('"django>=5.2,<5.3"', '"django>=5.2,<6"'))
    copy = Path(shutil.copy(lock.LOCK, tmp_path))
    assert not lock.in_step(pyproject, copy)
    lock.sign(pyproject, copy)
    assert lock.in_step(pyproject, copy)


def test_a_tools_setting_does_not(tmp_path):
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text(lock.PYPROJECT.read_text() + "\n[tool.another]\nsetting = 1\n")
    assert lock.in_step(pyproject, lock.LOCK)


def test_the_lock_names_no_registry():
    assert "://" not in lock.LOCK.read_text()
