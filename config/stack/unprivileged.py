"""A way for root to run servers that refuse root, with no user created and no permission changed.

An ordinary user needs none of this. For root there are two ways:
- a user namespace in which root looks like `nobody`, and still owns root's files;
- where namespaces are off (most containers): the real `nobody`, in a folder of its own under /var/tmp,
  with a copy of the server's programs where `nobody` may not enter their folder.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.stack.errors import StackError


@dataclass(frozen=True, slots=True)
class Lodging:
    """Where a server lives and how it is called there."""

    folder: Path
    program: Path
    prefix: tuple[str, ...] = ()


def lodge(folder: Path, program: Path, needs: Sequence[Path]) -> Lodging:
    """A folder that `program` may write and a way to run it, with all it `needs`, but never as root.

    `folder` becomes a link where the server cannot live under it.
    """
    if os.geteuid() != 0:
        folder.mkdir(mode=0o700, exist_ok=True)
        return Lodging(folder, program)
    prefix = _namespace()
    if not folder.is_symlink() and _runs(prefix, program):
        folder.mkdir(mode=0o700, exist_ok=True)
        return Lodging(folder, program, prefix)
    return _lodge_elsewhere(folder, program, needs)


def discard(folder: Path) -> None:
    """Removes a server's folder, wherever it is."""
    shutil.rmtree(folder.resolve(), ignore_errors=True)
    folder.unlink(missing_ok=True)


def _namespace() -> tuple[str, ...]:
    # Any account will do, but initdb asks for the name of the one it runs as.
    account = _nobody()
    return ("unshare", "--user", f"--map-user={account.pw_uid}", f"--map-group={account.pw_gid}", "--")


def _as_nobody() -> tuple[str, ...]:
    account = _nobody()
    return ("setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--")


def _nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise StackError(
            "Postgres does not run as root and there is no user `nobody`: "
            "run it as an ordinary user, or set DATABASE_URL"
        ) from None


def _runs(prefix: Sequence[str], program: Path) -> bool:
    # Through `env`, because setpriv itself still finds with root's rights what it is to run.
    command_line = [*prefix, "env", str(program), "--version"]
    try:
        trial = subprocess.run(command_line, capture_output=True, check=False, cwd="/")  # noqa: S603 (our own)
    except OSError:
        return False
    return trial.returncode == 0


def _lodge_elsewhere(folder: Path, program: Path, needs: Sequence[Path]) -> Lodging:
    home = _home_for_nobody(folder)
    prefix = _as_nobody()
    if not _runs(prefix, program):
        program = _copy_of(program, needs, home / "programs")
    if not _runs(prefix, program):
        raise StackError(
            f"cannot run {program.name} as anyone but root, because neither `unshare` nor `setpriv` is allowed: "
            "run it as an ordinary user, or set DATABASE_URL and CELERY_BROKER_URL"
        )
    return Lodging(home / "data", program, prefix)


def _home_for_nobody(folder: Path) -> Path:
    if not folder.exists():
        home = Path(tempfile.mkdtemp(prefix="punctual-", dir="/var/tmp"))  # which outlives a reboot
        home.chmod(0o711)
        (home / "data").mkdir(mode=0o700)
        os.chown(home / "data", _nobody().pw_uid, _nobody().pw_gid)
        folder.unlink(missing_ok=True)
        folder.symlink_to(home)
    return folder.resolve()


def _copy_of(program: Path, needs: Sequence[Path], target: Path) -> Path:
    """A copy of `program` below `target`, with what it finds by relative paths at the same places."""
    root = Path(os.path.commonpath(needs)) if len(needs) > 1 else needs[0].parent
    for source in needs:
        destination = target / source.relative_to(root)
        if not destination.exists():
            shutil.copytree(source, destination)
    return target / program.relative_to(root)
