"""The environment of the peers, `.venv-peers`: their packages as they are locked, and nothing of ours."""

import fcntl
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
LOCK = Path(__file__).with_name("requirements.txt")
VENV = PROJECT / ".venv-peers"
STAMP = VENV / "requirements.sha256"


def python() -> str:
    """Its Python. It is made first, unless it is there, of this lock and this version of Python."""
    found = VENV / "bin" / "python"
    with _one_at_a_time():
        wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
        if not (STAMP.exists() and STAMP.read_text() == wanted):
            _make(found)
            STAMP.write_text(wanted)
    return str(found)


def version(package: str) -> str:
    """What is locked of a package."""
    found = re.search(rf"^{re.escape(package)}==(\S+)", LOCK.read_text(), re.MULTILINE)
    if found is None:
        raise LookupError(f"{package} is not in {LOCK}")
    return found[1]


def _make(found: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], check=True)
    install = [
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--no-input",
        "--require-hashes",
        "-r",
        str(LOCK),
    ]
    subprocess.run([sys.executable, "-m", "pip", "--python", found, *install], check=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
