"""A run from its claim to its record: whatever an operation does, the row tells how it ended."""

import threading
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from operations import Context, OperationError
from tasks_api import transitions
from tasks_api.execution.outcomes import Success
from tasks_api.execution.running import execute, perform
from tasks_api.ids import new_id
from tasks_api.lifecycle import WAITING, Status
from tasks_api.models import Task
from tasks_api.tests.conftest import Register
from tasks_api.tests.executing import NODE, error_of, kill_connections, run_one, throw_away
from testing.away import closed_port
from testing.concurrency import eventually
from testing.factories import ago, make_task, run_of

pytestmark = pytest.mark.django_db(transaction=True)


class TestSuccess:
    def test_it_works(self) -> None:
        outcome, task = run_one()
        assert outcome == Success("11")
        assert (task.status, task.result, task.error, task.attempt) == (Status.SUCCESS, 11, None, 1)

    @pytest.mark.parametrize(
        "result", [None, True, 0, 2.5, "é", [], {"a": [{"b": None}]}, [10**4_000], ["a" * 1_048_572]]
    )
    def test_any_json_is_a_result(self, register: Register, result: Any) -> None:
        _, task = throw_away(register, lambda: result)
        assert (task.status, task.result) == (Status.SUCCESS, result)

    @pytest.mark.parametrize("fails", [False, True])
    def test_what_was_told_last_of_its_progress_stays(self, register: Register, fails: bool) -> None:
        @register
        def operation(context: Context) -> None:
            """Be so fast that nothing but the first report is written meanwhile."""
            for percent in range(101):
                context.progress(percent, f"{percent} of 100")
            if fails:
                raise OperationError("it is enough", permanent=True)

        _, task = run_one(operation="throw_away", arguments={})
        assert task.status == (Status.FAILURE if fails else Status.SUCCESS)
        assert task.progress == {"percent": 100, "message": "100 of 100"}

    def test_it_knows_what_it_runs_for(self, register: Register) -> None:
        seen: list[Context] = []

        @register
        def operation(context: Context) -> None:
            """Look around."""
            seen.append(context)

        scheduled_for = ago(60)
        _, task = run_one(operation="throw_away", arguments={}, scheduled_for=scheduled_for)
        assert seen == [Context(str(task.id), 1, scheduled_for)]

    def test_a_try_after_a_lost_one(self) -> None:
        _, task = run_one(status=Status.RETRY)
        assert (task.status, task.error, task.attempt) == (Status.SUCCESS, None, 2)

    def test_query_budget(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        task = make_task()
        with django_assert_num_queries(2):
            # 1. UPDATE task SET status = 'STARTED' ... RETURNING
            # 2. UPDATE task SET status = 'SUCCESS'
            execute(task.id, task.priority, NODE)


class TestTasksThatCannotRun:
    def test_an_operation_that_is_no_more(self) -> None:
        _, task = run_one(operation="calcuate")
        assert task.status == Status.FAILURE
        assert task.error == {
            "type": "invalid_task",
            "message": 'there is no operation "calcuate"; did you mean "calculate"?',
            "permanent": True,
        }

    def test_arguments_that_no_longer_fit(self) -> None:
        _, task = run_one(arguments={"formula": "4+7"})
        assert (error_of(task)["type"], error_of(task)["permanent"]) == ("invalid_arguments", True)

    @pytest.mark.parametrize("status", [each for each in Status if each not in WAITING])
    def test_one_that_does_not_wait(self, status: Status) -> None:
        outcome, task = run_one(status=status)
        assert outcome is None
        assert task.status == status

    def test_one_that_is_gone(self) -> None:
        assert execute(new_id(), 5, NODE) is None

    def test_one_whose_priority_was_changed(self) -> None:
        task = make_task(priority=5)
        assert execute(task.id, 4, NODE) is None


class TestMeanwhile:
    def test_it_was_deleted(self, register: Register) -> None:
        task = make_task(operation="throw_away", arguments={})

        @register
        def operation() -> None:
            """Lose its row."""
            Task.objects.all().delete()

        assert execute(task.id, task.priority, NODE) is None
        assert not Task.objects.exists()

    @pytest.mark.parametrize("max_attempts", [1, 3])
    def test_it_was_rescued(self, register: Register, max_attempts: int) -> None:
        task = make_task(operation="throw_away", arguments={}, max_attempts=max_attempts)

        @register
        def operation() -> None:
            """Be taken for dead."""
            assert transitions.rescue_run(task.id, NODE)

        assert execute(task.id, task.priority, NODE) is None
        task.refresh_from_db()
        assert error_of(task)["type"] == "lost"

    def test_the_database_connection_was_killed(self, register: Register) -> None:
        def body() -> int:
            kill_connections()
            return 11

        outcome, task = throw_away(register, body)
        assert (outcome, task.status, task.result) == (Success("11"), Status.SUCCESS, 11)

    def test_the_connection_was_killed_before_the_claim(self) -> None:
        task = make_task()
        kill_connections()
        assert execute(task.id, task.priority, NODE) == Success("11")
        assert Task.objects.get(id=task.id).attempt == 1

    def test_the_database_was_away_for_a_while(
        self, register: Register, caplog: pytest.LogCaptureFixture
    ) -> None:
        port = connection.settings_dict["PORT"]

        def come_back() -> None:
            eventually(lambda: "the database does not answer" in caplog.text)
            connection.settings_dict["PORT"] = port

        def body() -> int:
            kill_connections()
            connection.settings_dict["PORT"] = closed_port()
            threading.Thread(target=come_back).start()
            return 11

        outcome, task = throw_away(register, body)
        assert (outcome, task.status, task.result) == (Success("11"), Status.SUCCESS, 11)


def test_performing_writes_nothing() -> None:
    task = make_task()
    assert perform(run_of(task)) == Success("11")
    task.refresh_from_db()
    assert task.status == Status.PENDING
