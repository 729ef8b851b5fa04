"""`manage.py run_task`: one task in the foreground."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from operations import Context, OperationError, SecretText
from operations import testing as operation_testing
from operations.secrets import SecretsConfiguration
from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Attempt, Task, WorkerNode
from tasks_api.tests.conftest import Register
from testing.access import make_project
from testing.api import Api
from testing.concurrency import PATIENCE_SECONDS, eventually
from testing.factories import ago, make_node, make_task
from testing.stack import PROJECT
from testing.web import database_url

pytestmark = pytest.mark.django_db(transaction=True)


IN_THE_FOREGROUND = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)  # what is started in the background ignores it, and so would its children
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@contextmanager
def running(task_id: Any, *options: str) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "DATABASE_URL": database_url(), "APPS": "testing"}
    command = [sys.executable, "-c", IN_THE_FOREGROUND, "manage.py", "run_task", str(task_id), *options]
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run_task(task_id: Any, *options: str) -> tuple[int, str, str]:
    """Its exit code, and what it wrote, without a process of its own."""
    output, errors = StringIO(), StringIO()
    try:
        call_command("run_task", str(task_id), *options, stdout=output, stderr=errors)
    except CommandError as error:
        return error.returncode, output.getvalue(), f"{errors.getvalue()}CommandError: {error}"
    return 0, output.getvalue(), errors.getvalue()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The level of the logs, as it was before."""
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


@pytest.fixture
def flaky(register: Register) -> Callable[..., Task]:
    """Makes tasks that fail in their first three tries."""

    @register
    def fail(context: Context) -> int:
        """Fail."""
        if context.attempt <= 3:
            raise OperationError(f"try {context.attempt} fails")
        return context.attempt

    def make(status: Status = Status.PENDING, **changes: Any) -> Task:
        return make_task(status, operation="throw_away", arguments={}, **changes)

    return make


Make = Callable[..., Task]


class TestRecorded:
    def test_a_task_that_waits_is_run_and_recorded(self) -> None:
        task = make_task()
        assert run_task(task.id)[:2] == (0, "11\n")
        task.refresh_from_db()
        assert (task.status, task.result, task.attempt) == (Status.SUCCESS, 11, 1)

    def test_the_logs_are_full(self, flaky: Make) -> None:
        _, _, errors = run_task(flaky().id)
        assert "operations.errors.OperationError: try 1 fails" in errors
        assert "in fail" in errors

    def test_they_show_no_secret(self, register: Register) -> None:
        @register
        def fail(token: SecretText) -> None:
            """Fail."""
            raise ValueError(f"bad {token}")

        secrets = SecretsConfiguration({"t": frozenset(["throw_away"])}, {"t": "correct horse"}.__getitem__)
        task = make_task(operation="throw_away", arguments={"token": {"$secret": "t"}})
        with operation_testing.configured(secrets=secrets):
            code, output, errors = run_task(task.id)
        assert (code, output) == (1, "")
        assert "ValueError: bad ***" in errors
        assert "horse" not in errors

    def test_a_failure_is_recorded_like_any_other(self, flaky: Make) -> None:
        task = flaky(max_attempts=3)
        code, output, errors = run_task(task.id)
        assert (code, output) == (1, "")
        assert "CommandError: operation_failed: try 1 fails; the task is RETRY until 20" in errors
        (attempt,) = Attempt.objects.all()
        assert (attempt.task_id, attempt.number, attempt.outcome) == (task.id, 1, "failed")
        assert attempt.worker is not None
        assert attempt.worker.startswith("run_task@")

    def test_it_does_not_pass_for_a_worker(self, register: Register, api: Api) -> None:
        @register
        def look() -> str:
            """Ask how the service is while this runs."""
            return str(api.get("/health/ready/").json["worker"]["status"])

        assert run_task(make_task(operation="throw_away", arguments={}).id)[:2] == (0, '"away"\n')

    def test_it_says_that_it_is_alive_and_that_it_ended(self) -> None:
        run_task(make_task().id)
        (node,) = WorkerNode.objects.all()
        assert node.stopped_at is not None

    def test_a_time_that_has_not_come(self) -> None:
        task = make_task(run_at=ago(-3_600))
        code, _, errors = run_task(task.id)
        assert (code, f"CommandError: task {task.id}: it waits until 20" in errors) == (2, True)
        assert "--now runs it at once" in errors
        assert Task.objects.get().version == task.version
        assert run_task(task.id, "--now")[:2] == (0, "11\n")
        assert Task.objects.get().status == Status.SUCCESS


class TestRefused:
    def test_no_such_task(self) -> None:
        task_id = new_id()
        code, _, errors = run_task(task_id)
        assert (code, errors.splitlines()[-1]) == (
            2,
            f"CommandError: task {task_id}: there is no task {task_id}",
        )

    def test_what_is_no_id(self) -> None:
        code, _, errors = run_task("7")
        assert (code, "invalid UUID value: '7'" in errors) == (1, True)

    def test_one_that_runs_elsewhere(self) -> None:
        task = make_task(Status.STARTED, node_id=make_node(name="worker-7").id)
        code, _, errors = run_task(task.id)
        assert code == 2
        assert f"task {task.id}: it runs on worker-7 since 20" in errors
        assert Task.objects.get().version == task.version

    @pytest.mark.parametrize("status", [Status.FAILURE, Status.REVOKED])
    def test_one_that_is_over(self, flaky: Make, status: Status) -> None:
        task = flaky(status)
        code, _, errors = run_task(task.id)
        assert code == 2
        assert f"it is {status}; --again runs it once more and records that" in errors
        assert Task.objects.get().status == status

    def test_one_that_succeeded(self) -> None:
        task = make_task(Status.SUCCESS)
        for options in ([], ["--again"]):
            code, _, errors = run_task(task.id, *options)
            assert code == 2
            assert "it is SUCCESS; --unrecorded runs its operation and leaves the task as it is" in errors

    def test_one_that_has_expired(self) -> None:
        task = make_task(expires_at=ago(1))
        code, _, errors = run_task(task.id)
        assert (code, "expires_at has passed while it waited" in errors) == (2, True)
        assert Task.objects.get().version == task.version


class TestAgain:
    def test_it_works(self, flaky: Make) -> None:
        task = flaky(Status.FAILURE, attempt=3)
        assert run_task(task.id, "--again")[:2] == (0, "4\n")
        task.refresh_from_db()
        assert (task.status, task.result, task.error, task.attempt) == (Status.SUCCESS, 4, None, 4)

    def test_it_may_fail_again(self, flaky: Make) -> None:
        task = flaky(Status.FAILURE, max_attempts=1)
        code, _, errors = run_task(task.id, "--again")
        assert code == 1
        assert "try 2 fails; the task is FAILURE" in errors


class TestUnrecorded:
    @pytest.mark.parametrize("status", list(Status))
    def test_the_task_stays_as_it_is(self, status: Status) -> None:
        task = make_task(status)
        assert run_task(task.id, "--unrecorded")[:2] == (0, "11\n")
        assert Task.objects.filter(id=task.id).values().get() == row_of(task)
        assert not WorkerNode.objects.exists()

    def test_a_failure(self, flaky: Make) -> None:
        task = flaky(Status.FAILURE)
        code, _, errors = run_task(task.id, "--unrecorded")
        assert code == 1
        assert errors.splitlines()[-1] == "CommandError: operation_failed: try 1 fails"

    def test_an_exception_that_was_not_foreseen(self, register: Register) -> None:
        @register
        def fail() -> int:
            """Fail."""
            raise LookupError("no such shelf")

        code, _, errors = run_task(make_task(operation="throw_away", arguments={}).id, "--unrecorded")
        assert code == 1
        assert errors.splitlines()[-1] == "CommandError: LookupError: no such shelf"


def row_of(task: Task) -> dict[str, Any]:
    return {field.attname: getattr(task, field.attname) for field in Task._meta.concrete_fields}


class TestLooking:
    """In processes of their own."""

    def test_the_debugger_opens_where_it_failed(self) -> None:
        task = make_task(operation="testing.flaky", arguments={"failures": 3})
        with running(task.id, "--pdb") as process:
            output, errors = process.communicate("p failures, context.attempt\nq\n", timeout=PATIENCE_SECONDS)
        assert "(3, 1)" in output
        assert process.returncode == 1
        assert "CommandError: operation_failed: try 1 fails; the task is RETRY until 20" in errors
        task.refresh_from_db()
        assert task.status == Status.RETRY

    def test_meanwhile_nobody_takes_the_task_for_lost_or_late(self) -> None:
        task = make_task(operation="testing.flaky", arguments={"failures": 3}, timeout_seconds=0.001)
        with running(task.id, "--pdb") as process:
            eventually(lambda: Task.objects.get().status == Status.STARTED)
            eventually(lambda: WorkerNode.objects.filter(beat_at__isnull=False).exists())
            assert Task.objects.get().deadline_at is None
            Task.objects.update(started_at=ago(3_600))
            make_node(alive_since=ago(3_600))
            assert transitions.rescue_overdue(10) == []
            assert transitions.rescue_from_dead_nodes(10) == []
            process.communicate("q\n", timeout=PATIENCE_SECONDS)
        assert Task.objects.get().status == Status.RETRY

    def test_one_that_hangs_is_cancelled(self) -> None:
        task = make_task(operation="sleep", arguments={"seconds": 600})
        with running(task.id) as process:
            eventually(lambda: Task.objects.get().status == Status.STARTED)
            transitions.cancel([task.id])
            _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert "; the task is REVOKED" in errors

    def test_one_that_is_interrupted_is_handed_back(self) -> None:
        task = make_task(operation="testing.reporter", arguments={})
        with running(task.id) as process:
            eventually(lambda: Task.objects.get().progress is not None)
            process.send_signal(2)
            _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 1
        assert "CommandError: interrupted; the task is RETRY" in errors
        assert Attempt.objects.get().outcome == "interrupted"

    def test_one_that_is_killed_is_rescued(self) -> None:
        task = make_task(operation="testing.reporter", arguments={})
        with running(task.id) as process:
            eventually(lambda: Task.objects.get().progress is not None)
            process.kill()
            process.wait()
        Task.objects.update(started_at=ago(3_600))
        WorkerNode.objects.update(beat_at=ago(60))
        make_node(alive_since=ago(3_600))
        assert transitions.rescue_from_dead_nodes(10) == [task.id]


def test_a_task_of_another_project_needs_its_name() -> None:
    acme = make_project()
    task = make_task(project_id=acme.id)
    code, _, errors = run_task(task.id)
    assert (code, f"there is no task {task.id}" in errors) == (2, True)
    assert run_task(task.id, "--project", "acme")[0] == 0
    task.refresh_from_db()
    assert task.status == Status.SUCCESS


def test_a_project_that_there_is_not() -> None:
    code, _, errors = run_task(new_id(), "--project", "acne")
    assert code == 2
    assert "--project must be the slug of a project, got 'acne'" in errors
