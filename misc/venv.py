"""Makes `.venv` and installs the locked requirements, and those of `apps`, if that is not done yet.

Needs nothing but the standard library, and parses on old Pythons too, to be able to say what is wrong.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (old Pythons do come here)
    sys.exit(
        "punctual: Python 3.11 or newer is needed, and %s is %d.%d: try `make PYTHON=python3.11 run`"  # noqa: UP031 (old Pythons parse it)
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )

import hashlib
import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "requirements.sha256"
LOCKS = [PROJECT / "requirements.txt", PROJECT / "requirements-dev.txt"]
OWN = PROJECT / "apps" / "requirements.txt"  # the operator's
PINS = VENV / "pins.txt"


def main():
    # type: () -> None
    if not usable():
        make_venv()
    wanted = fingerprint()
    if not STAMP.exists() or STAMP.read_text() != wanted:
        install()
        STAMP.write_text(wanted)


def fingerprint():
    # type: () -> str
    """What is to be installed."""
    digest = hashlib.sha256()
    for wanted in LOCKS + ([OWN] if OWN.exists() else []):
        digest.update(wanted.read_bytes())
    return digest.hexdigest()


def usable():
    # type: () -> bool
    """Whether the environment is there, and made from this Python."""
    question = "import pip, sys; sys.exit(sys.version_info[:2] != " + repr(tuple(sys.version_info[:2])) + ")"
    return PYTHON.exists() and subprocess.call([PYTHON, "-c", question], stderr=subprocess.DEVNULL) == 0


def make_venv():
    # type: () -> None
    say("making .venv")
    # As a process: on Debian the module can be imported, and then fails for want of the package python3-venv.
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if made.returncode:
        output = made.stdout.decode(errors="replace").strip()
        missing = "ensurepip" in output or "No module named venv" in output
        fail("install python3-venv, which this Python lacks" if missing else "cannot make .venv: " + output)


def install():
    # type: () -> None
    say("installing the locked requirements")
    pip("the requirements", "--require-hashes", "-r", str(LOCKS[-1]))
    if OWN.exists():
        say("installing apps/requirements.txt")
        PINS.write_text(pins(LOCKS[-1].read_text()))
        pip("apps/requirements.txt", "-c", str(PINS), "-r", str(OWN))


def pip(what, *options):
    # type: (str, *str) -> None
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    if subprocess.call(command + list(options)):
        fail(what + " could not be installed: the lines above say why")


def pins(lock):
    # type: (str) -> str
    """The versions of a lock, without hashes: constraints for packages that are installed beside it."""
    return "".join(line.rstrip(" \\") + "\n" for line in lock.splitlines() if re.match(r"\w\S*==", line))


def say(text):
    # type: (str) -> None
    sys.stderr.write("punctual: " + text + "\n")


def fail(text):
    # type: (str) -> None
    say(text)
    sys.exit(1)


if __name__ == "__main__":
    main()
