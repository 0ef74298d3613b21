"""The locks follow pyproject.toml."""

import shutil
from pathlib import Path

import pytest

from config import lock

both = pytest.mark.parametrize("path", [lock.LOCK, lock.ORACLE], ids=lambda path: path.name)


@both
def test_a_lock_was_made_from_the_dependencies_beside_it(path):
    assert lock.in_step(lock.PYPROJECT, path)


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


def test_another_oracle_asks_for_another_oracle_lock_only(tmp_path):
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text(lock.PYPROJECT.read_text().replace("pabutools==", "pabutools>="))
    assert lock.in_step(pyproject, lock.LOCK)
    assert not lock.in_step(pyproject, lock.ORACLE)


@both
def test_a_lock_names_no_registry(path):
    assert "://" not in path.read_text()


def test_what_runs_has_neither_the_oracle_nor_its_solver():
    locked = lock.LOCK.read_text()
    assert "pabutools" not in locked
    assert "gurobipy" not in locked + lock.ORACLE.read_text()
