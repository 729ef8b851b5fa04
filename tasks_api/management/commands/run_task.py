"""`manage.py run_task ID`: one task in the foreground, with full logs and, if wanted, a debugger."""

import json
import logging
import pdb  # noqa: T100 (it is what --pdb is for)
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from access.actor import DEFAULT_PROJECT
from access.inside import UnknownProject, system_in
from tasks_api.execution.outcomes import Outcome, Success
from tasks_api.execution.showing import show
from tasks_api.foreground import Interrupted, NotRunnable, run_recorded, run_unrecorded
from tasks_api.models import Task

REFUSED = 2


class Command(BaseCommand):
    """Exit code 0: the operation returned; 1: it failed, or was interrupted; 2: the task cannot be run so."""

    help = (
        "Runs one task in this process, without a time limit and with full logs, and records the outcome as a "
        "worker does. Give it the environment of the service."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=UUID, help="the task's id")
        parser.add_argument("--pdb", action="store_true", help="open the debugger where the operation failed")
        parser.add_argument("--now", action="store_true", help="do not wait for the task's run_at")
        parser.add_argument("--project", default=DEFAULT_PROJECT, help="the slug of the project it is in")
        state = parser.add_mutually_exclusive_group()
        state.add_argument("--again", action="store_true", help="run a failed or revoked task once more")
        state.add_argument(
            "--unrecorded",
            action="store_true",
            help="run the operation with the task's arguments, whatever the task's status, and record nothing; "
            "its effects on the outside world are real",
        )

    def handle(self, *args: Any, id: UUID, **options: Any) -> None:  # noqa: A002, ARG002 (Django's signature)
        logging.getLogger().setLevel(logging.DEBUG)
        project_id = self._project_id(options["project"])
        examine = self._debug if options["pdb"] else self._show
        try:
            if options["unrecorded"]:
                outcome: Outcome | None = run_unrecorded(id, project_id, examine)
            else:
                outcome = run_recorded(id, project_id, examine, again=options["again"], now=options["now"])
        except NotRunnable as error:
            raise CommandError(f"task {id}: {error}", returncode=REFUSED) from None
        except (Interrupted, KeyboardInterrupt):
            raise CommandError(f"interrupted{self._state(id)}") from None
        self._tell(outcome, "" if options["unrecorded"] else self._state(id))

    def _project_id(self, slug: str) -> int:
        try:
            return system_in(slug).project_id
        except UnknownProject as error:
            raise CommandError(f"--project {error}", returncode=REFUSED) from None

    def _tell(self, outcome: Outcome | None, state: str) -> None:
        if outcome is None:
            raise CommandError(f"the task was taken away meanwhile, the outcome is void{state}")
        if not isinstance(outcome, Success):
            raise CommandError(f"{outcome}{state}")
        self.stdout.write(json.dumps(json.loads(outcome.result), indent=2, ensure_ascii=False))
        self.stderr.write(f"the operation returned{state}")

    def _state(self, task_id: UUID) -> str:
        task = Task.objects.filter(id=task_id).first()
        if task is None:
            return "; the task is gone"
        until = "" if task.finished_at else f" until {task.run_at}"
        return f"; the task is {task.status}{until}"

    def _show(self, error: BaseException, hide: Callable[[str], str]) -> None:
        self.stderr.write(hide(show(error).traceback))

    def _debug(self, error: BaseException, hide: Callable[[str], str]) -> None:
        self._show(error, hide)
        pdb.post_mortem(error.__traceback__)
