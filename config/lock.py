"""Say, without a network, whether the locks were made from the pyproject.toml beside them.

`make lock` signs each lock with a fingerprint of the dependencies; `make check` compares.
"""

import hashlib
import json
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PYPROJECT = CHECKOUT / "pyproject.toml"
LOCK = CHECKOUT / "requirements.lock"
ORACLE = CHECKOUT / "requirements-oracle.lock"
# The dependency groups that each lock holds.
GROUPS = {LOCK.name: ["local", "dev"], ORACLE.name: ["oracle"]}
SIGNATURE = "# made from dependencies with SHA-256 "


def main() -> None:
    for lock in (LOCK, ORACLE):
        if sys.argv[1:] == ["sign"]:
            sign(PYPROJECT, lock)
        elif not in_step(PYPROJECT, lock):
            sys.exit(f"{lock.name} is older than the dependencies in pyproject.toml: make lock")


def sign(pyproject: Path, lock: Path) -> None:
    """Write at the lock's end what it was made from."""
    lines = [line for line in lock.read_text().splitlines() if not line.startswith(SIGNATURE)]
    lock.write_text("\n".join([*lines, SIGNATURE + fingerprint(pyproject, lock)]) + "\n")


def in_step(pyproject: Path, lock: Path) -> bool:
    return lock.read_text().splitlines()[-1] == SIGNATURE + fingerprint(pyproject, lock)


def fingerprint(pyproject: Path, lock: Path) -> str:
    """SHA-256 of all that decides what the lock holds."""
    read = tomllib.loads(pyproject.read_text())
    project, groups = read["project"], read["dependency-groups"]
    parts = [
        project["requires-python"],
        project["dependencies"],
        {name: groups[name] for name in GROUPS[lock.name]},
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    main()
