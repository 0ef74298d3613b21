"""Say, without a network, whether requirements.lock was made from the pyproject.toml beside it.

`make lock` signs the lock with a fingerprint of the dependencies; `make check` compares.
"""

import hashlib
import json
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PYPROJECT = CHECKOUT / "pyproject.toml"
LOCK = CHECKOUT / "requirements.lock"
SIGNATURE = "# made from dependencies with SHA-256 "


def main() -> None:
    if sys.argv[1:] == ["sign"]:
        sign(PYPROJECT, LOCK)
    elif not in_step(PYPROJECT, LOCK):
        sys.exit("requirements.lock is older than the dependencies in pyproject.toml: make lock")


def sign(pyproject: Path, lock: Path) -> None:
    """Write at the lock's end what it was made from."""
    lines = [line for line in lock.read_text().splitlines() if not line.startswith(SIGNATURE)]
    lock.write_text("\n".join([*lines, SIGNATURE + fingerprint(pyproject)]) + "\n")


def in_step(pyproject: Path, lock: Path) -> bool:
    return lock.read_text().splitlines()[-1] == SIGNATURE + fingerprint(pyproject)


def fingerprint(pyproject: Path) -> str:
    """SHA-256 of all that decides what the lock holds."""
    read = tomllib.loads(pyproject.read_text())
    project = read["project"]
    parts = [project["requires-python"], project["dependencies"], read["dependency-groups"]]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    main()
