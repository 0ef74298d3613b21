"""`make setup`: the virtual environment, the system libraries and the translations.

Runs with the system's Python and nothing installed. Quick when there is nothing to do.
"""

import ctypes
import hashlib
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

CHECKOUT = pathlib.Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = CHECKOUT / "requirements.lock"
COMPILER = CHECKOUT / "config" / "messages.py"
STAMP = VENV / "made-from"
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
# What WeasyPrint loads, and the Debian package that brings it.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
}
FASTER = {"libharfbuzz-subset.so.0": "libharfbuzz-subset0"}  # letters take a fifth of the time


def main():
    find_python()
    need_programs()
    make_environment()
    install_libraries()
    compile_translations()


def find_python():
    """Go on in a Python that is new enough."""
    if sys.version_info >= (3, 11):  # noqa: UP036 - this file runs before anything is chosen
        return
    for name in NEWER_PYTHONS:
        if shutil.which(name):
            os.execvp(name, [name, *sys.argv])
    sys.exit("Python 3.11 or later is missing: sudo apt-get install python3.11 python3.11-venv")


def need_programs():
    for program in ("git", "make", "setpriv"):
        if not shutil.which(program):
            package = "util-linux" if program == "setpriv" else program
            sys.exit(f"{program} is missing: sudo apt-get install {package}")
    if not PYTHON.exists() and not importlib.util.find_spec("ensurepip"):
        version = "{}.{}".format(*sys.version_info)
        sys.exit(f"Python's venv is missing: sudo apt-get install python{version}-venv")


def make_environment():
    """Install exactly what requirements.lock lists, once for each content it has."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest() + sys.version
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("Installing the locked packages into .venv ...", flush=True)
    if not runs(PYTHON):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "--no-deps", "-r", str(LOCK)]
    if subprocess.run(command, cwd=CHECKOUT).returncode:
        sys.exit("The packages could not be installed; see above.")
    STAMP.write_text(wanted)


def runs(python):
    """Whether an environment's Python still works, and is this one's version."""
    if not python.exists():
        return False
    question = "import pip, sys; print(sys.version)"
    answer = subprocess.run([str(python), "-c", question], capture_output=True, text=True)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version


def install_libraries():
    """Install the libraries that PDFs need where we may; else say how."""
    packages = missing({**LIBRARIES, **FASTER})
    if packages and may_install():
        install(packages)
    if missing(LIBRARIES):
        names = " ".join(missing(LIBRARIES))
        sys.exit(f"PDFs need {names}: sudo apt-get install {names}")
    if missing(FASTER):
        names = " ".join(missing(FASTER))
        print(f"PDFs are made faster with {names}: sudo apt-get install {names}")


def missing(libraries):
    return [package for library, package in libraries.items() if not loads(library)]


def may_install():
    if not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        return True
    if not shutil.which("sudo"):
        return False
    asks_nothing = subprocess.run(["sudo", "-n", "true"], stderr=subprocess.DEVNULL)
    return asks_nothing.returncode == 0


def install(packages):
    print("Installing " + " ".join(packages) + " ...", flush=True)
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*apt, "-o", "Acquire::Retries=3", "update"])
    subprocess.run(
        [*apt, "-o", "Acquire::Retries=3", "install", "-y", "--no-install-recommends", *packages],
        stdout=subprocess.DEVNULL,
    )


def loads(library):
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def compile_translations():
    """Make the .mo files that are older than their .po, for each language there is."""
    for texts in (CHECKOUT / "locale").glob("*/LC_MESSAGES/*.po"):
        compiled = texts.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= texts.stat().st_mtime:
            continue
        subprocess.run([str(PYTHON), "-I", str(COMPILER), str(texts)], check=True)


if __name__ == "__main__":
    main()
