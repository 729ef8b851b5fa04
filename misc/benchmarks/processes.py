"""Programs that a benchmark runs beside itself: those of Punctual, and others."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from signal import SIGCONT, SIGSTOP, SIGTERM

import psutil

from config.stack.programs import stop
from misc.benchmarks.conditions import wait_until

START_SECONDS = 120.0
PATIENCE_SECONDS = 20
ALIVE_SQL = """
SELECT count(DISTINCT role) FROM worker_node WHERE stopped_at IS NULL AND beat_at > now() - interval '5 seconds'
"""


@contextmanager
def running(argv: Sequence[str], environment: Mapping[str, str]) -> Iterator[psutil.Process]:
    """A program while the context lasts. What goes wrong within is told with its log."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            argv, env={**os.environ, **environment}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield psutil.Process(process.pid)
        except Exception as error:
            log.seek(0)
            error.add_note(f"the log of {' '.join(argv)}:\n{log.read().decode(errors='replace')}")
            raise
        finally:
            stop(process, SIGTERM, PATIENCE_SECONDS)


@contextmanager
def running_roles(*roles: str) -> Iterator[dict[str, psutil.Process]]:
    """Processes of Punctual, by role, each of which has said that it is alive. Django must be set up."""
    from django.conf import settings

    from config.stack.commands import command_for
    from tasks_api.database import fetch_all

    with ExitStack() as stack:
        commands = {role: command_for(role, settings.ENVIRONMENT) for role in roles}
        found = {
            role: stack.enter_context(running(command.argv, command.environment))
            for role, command in commands.items()
        }
        wait_until(lambda: fetch_all(ALIVE_SQL, []) == [(len(roles),)], START_SECONDS, f"{roles} are alive")
        yield found


@contextmanager
def standing_still(processes: Sequence[psutil.Process]) -> Iterator[None]:
    """Let programs and their children do nothing while the context lasts."""
    family = [each for process in processes for each in (process, *process.children(recursive=True))]
    _signal(family, SIGSTOP)
    try:
        yield
    finally:
        _signal(family, SIGCONT)


def _signal(family: Sequence[psutil.Process], number: int) -> None:
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(number)
