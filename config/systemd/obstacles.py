"""What could not work of an installation, and how to mend it: found before anything is written."""

import os
import pwd
import re
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from config.credentials import FOLDER, NAMES
from config.systemd.environment_file import read_environment_file
from config.systemd.units import Installation

PLAIN = re.compile(r"/[A-Za-z0-9._/+@-]*")
"""Anything else in a path would have a meaning for systemd."""
HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 (named, not used)
"""Where the units let nobody look."""
FIRST_FREE_PORT = 1_024
CHECK_SECONDS = 120
READS_ALL = "import sys, django; open(sys.argv[1]).close()"


def obstacles(installation: Installation) -> list[str]:
    """One line for each; none if it can work."""
    found = [
        *_paths(installation),
        *_user(installation.user),
        *_port(installation.port),
        *_private_files(installation),
    ]
    # What follows starts Python there, which only repeats what is known.
    return found or [*_reading(installation), *_settings(installation)]


def _paths(installation: Installation) -> Iterator[str]:
    for option, path in (
        ("--working-directory", installation.directory),
        ("--python", installation.python),
        ("--environment-file", installation.environment_file),
        ("--credentials", installation.credentials),
    ):
        if not PLAIN.fullmatch(str(path)):
            yield f"{option}: must be a full path of letters, digits and ._/+@- alone, got {path}"
    if not (installation.directory / "manage.py").is_file():
        yield f"--working-directory: there is no manage.py in {installation.directory}"
    if not os.access(installation.python, os.X_OK) or not installation.python.is_file():
        yield f"--python: {installation.python} cannot be run: give the python of the environment (.venv/bin/python)"
    for option, path in (
        ("--working-directory", installation.directory),
        ("--python", installation.python),
    ):
        if folder := next((each for each in HIDDEN if path.resolve().is_relative_to(each)), None):
            yield f"{option}: {path.resolve()} is hidden from services, as all of {folder}: install it below /opt"


def _user(name: str) -> Iterator[str]:
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        yield f"--user: there is no user {name}: create it with `useradd --system {name}`, or name another"
        return
    if user.pw_uid == 0:
        yield "--user: the service must not run as root: name another user"


def _port(port: int | None) -> Iterator[str]:
    if port is not None and port < FIRST_FREE_PORT:
        yield f"--port: only root may listen on port {port}: choose one from {FIRST_FREE_PORT} on"


def _private_files(installation: Installation) -> Iterator[str]:
    """Systemd reads them as root, so nobody else has to."""
    try:
        installation.environment_file.read_bytes()
    except OSError as error:
        yield f"--environment-file: {installation.environment_file} cannot be read: {error.strerror}"
    for path in [installation.environment_file, *_credentials(installation)]:
        if path.is_file() and path.stat().st_mode & stat.S_IROTH:
            yield f"{path}: everybody may read it: run `chmod 600 {path}`"


def _credentials(installation: Installation) -> list[Path]:
    return [installation.credentials / name for name in NAMES.values()]


def _reading(installation: Installation) -> Iterator[str]:
    """Whether the user may read the code and the packages."""
    user = pwd.getpwnam(installation.user)
    command = [str(installation.python), "-c", READS_ALL, str(installation.directory / "manage.py")]
    error = _error(
        command,
        user=user.pw_uid if os.geteuid() == 0 else None,
        group=user.pw_gid if os.geteuid() == 0 else None,
        groups=os.getgrouplist(user.pw_name, user.pw_gid) if os.geteuid() == 0 else None,
        environment={},
        folder=Path("/"),
    )
    if error:
        yield (
            f"{installation.user} cannot run {installation.python} on {installation.directory}: "
            f"{error.splitlines()[-1]}: let everybody read both (chmod -R a+rX)"
        )


def _settings(installation: Installation) -> Iterator[str]:
    """What the service itself would refuse."""
    try:
        given = read_environment_file(installation.environment_file)
    except ValueError:
        yield f"{installation.environment_file}: is no text"
        return
    yield from _against_the_options(installation, given)
    environment = {"PATH": os.defpath, **given}
    if installation.port is not None:
        environment["PORT"] = str(installation.port)
    if installation.credentials.is_dir():
        environment[FOLDER] = str(installation.credentials)
    command = [str(installation.python), "manage.py", "check"]
    error = _error(command, environment=environment, folder=installation.directory)
    told = [line.removeprefix("punctual: ") for line in error.splitlines() if line.startswith("punctual: ")]
    for line in told or error.splitlines()[-1:]:
        yield f"{installation.environment_file}: {line}"


def _against_the_options(installation: Installation, given: Mapping[str, str]) -> Iterator[str]:
    file = installation.environment_file
    if given.get("DEVELOPMENT"):
        yield f"{file}: DEVELOPMENT is for your own machine: take it out"
    if installation.port is not None and given.get("PORT", str(installation.port)) != str(installation.port):
        yield f"{file}: PORT={given['PORT']} would count, and not --port {installation.port}: keep one of the two"
    if installation.flower and given.get("FLOWER", "").lower() in ("0", "false", "no", "off", "f", "n"):
        yield f"{file}: FLOWER={given['FLOWER']}, but Flower would be installed: add --without-flower"


def _error(
    command: list[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    user: int | None = None,
    group: int | None = None,
    groups: list[int] | None = None,
) -> str:
    """What a program that failed says last; nothing if all is well."""
    try:
        done = subprocess.run(  # noqa: S603 (our own command lines)
            command,
            cwd=folder,
            env=dict(environment),
            user=user,
            group=group,
            extra_groups=groups,
            capture_output=True,
            text=True,
            timeout=CHECK_SECONDS,
            check=False,
        )
    except OSError as error:
        return str(error.strerror)
    except subprocess.TimeoutExpired:
        return f"no answer within {CHECK_SECONDS} s"
    return "" if done.returncode == 0 else done.stderr.strip() or f"it ended with code {done.returncode}"
