"""`manage.py install-systemd`: the units that run the service on this machine without containers."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.systemd.obstacles import obstacles
from config.systemd.units import TARGET, TEMPLATES, Installation, units

SYSTEM = Path("/etc/systemd/system")
RUNNING = Path("/run/systemd/system")
"""There where systemd is what started this machine."""
MOST_WORKERS = 64
MOST_PORTS = 65_535


class Command(BaseCommand):
    """A thin front of `config.systemd`."""

    help = (
        "Writes units for systemd: web, workers, sweeper, beat, Flower, the migration before them, and a target for "
        "all. First finds out what could not work, and then writes nothing. The units run this version, by this python."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would be written, and write nothing"
        )
        parser.add_argument(
            "--directory", type=_path, default=SYSTEM, help=f"where to write (default {SYSTEM})"
        )
        parser.add_argument("--user", default="punctual", help="who runs the service (default punctual)")
        parser.add_argument(
            "--working-directory",
            type=_path,
            default=settings.BASE_DIR,
            help="the version that is run (this)",
        )
        parser.add_argument(
            "--python", type=_path, default=Path(sys.executable), help="by which python (this)"
        )
        parser.add_argument(
            "--environment-file",
            type=_path,
            default=Path("/etc/punctual/punctual.env"),
            help="the settings (default /etc/punctual/punctual.env)",
        )
        parser.add_argument(
            "--credentials",
            type=_path,
            default=Path("/etc/punctual/credentials"),
            help="the folder of the secrets (default /etc/punctual/credentials)",
        )
        parser.add_argument(
            "--workers", type=_workers, default=1, help="how many worker services (default 1)"
        )
        parser.add_argument("--port", type=_port, help="PORT, if the environment file does not say")
        parser.add_argument("--without-flower", action="store_true", help="leave Flower out")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 (Django's signature)
        if not TEMPLATES.is_dir():
            raise CommandError(f"the templates of the units are missing: there is no {TEMPLATES}")
        installation = Installation(
            user=options["user"],
            directory=options["working_directory"],
            python=options["python"],
            environment_file=options["environment_file"],
            credentials=options["credentials"],
            workers=options["workers"],
            port=options["port"],
            flower=not options["without_flower"],
        )
        files = {options["directory"] / name: text for name, text in units(installation).items()}
        if options["dry_run"]:
            self.stdout.write("\n".join(f"# {path}\n{text}" for path, text in files.items()))
        if problems := [*obstacles(installation), *_unwritable(options["directory"], options["dry_run"])]:
            raise CommandError("this would not work:\n" + "\n".join(f"  {line}" for line in problems))
        if not options["dry_run"]:
            for path, text in files.items():
                _write(path, text)
            self.stdout.write(_next_steps(options["directory"], len(files)))


def _path(text: str) -> Path:
    """Absolute, but a link stays one: that of a virtual environment leads out of it."""
    return Path(os.path.abspath(text))  # noqa: PTH100 (Path.absolute() keeps `..`)


def _workers(text: str) -> int:
    return _number(text, MOST_WORKERS)


def _port(text: str) -> int:
    return _number(text, MOST_PORTS)


def _number(text: str, most: int) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise ArgumentTypeError(f"must be a number from 1 to {most}, got {text}")
    return int(text)


def _unwritable(directory: Path, dry_run: bool) -> list[str]:
    if dry_run:
        return []
    if directory == SYSTEM and not RUNNING.is_dir():
        return [
            "systemd does not run on this machine: write to another folder with --directory, or use --dry-run"
        ]
    if not directory.is_dir():
        return [f"--directory: there is no folder {directory}"]
    if not os.access(directory, os.W_OK):
        return [f"--directory: you may not write to {directory}: run this with sudo"]
    return []


def _write(path: Path, text: str) -> None:
    """All of it or nothing."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.chmod(0o644)
    new.replace(path)


def _next_steps(directory: Path, count: int) -> str:
    return (
        f"Wrote {count} units to {directory}. Next:\n"
        "  systemctl daemon-reload\n"
        f"  systemctl enable --now {TARGET}\n"
        "If the service runs already, docs/how-to/deploy-with-systemd.md says in which order to restart its parts."
    )
