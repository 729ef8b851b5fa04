"""Signals that end an operation, for its time is up or its task cancelled, whenever they come."""

import signal
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from operations import Context
from tasks_api import transitions
from tasks_api.execution import stop_signals
from tasks_api.execution.outcomes import Success
from tasks_api.lifecycle import Status
from tasks_api.tests.conftest import Register
from tasks_api.tests.executing import NODE, error_of, kill_connections, run_one, throw_away
from tasks_api.transitions import Run
from testing.away import closed_port
from testing.concurrency import apart

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listening() -> Iterator[None]:
    """As in a worker's child."""
    before = [signal.getsignal(number) for number in (stop_signals.TIME_IS_UP, stop_signals.CANCEL)]
    stop_signals.listen()
    yield
    for number, handler in zip((stop_signals.TIME_IS_UP, stop_signals.CANCEL), before, strict=True):
        signal.signal(number, handler)


class TestTimeLimit:
    def test_it_works(self, register: Register) -> None:
        def body() -> None:
            raise SoftTimeLimitExceeded

        _, task = throw_away(register, body)
        assert task.status == Status.RETRY
        assert task.error == {
            "type": "timeout",
            "message": "the operation ran longer than timeout_seconds",
            "permanent": False,
        }

    def test_one_that_comes_while_the_outcome_is_recorded(
        self, monkeypatch: pytest.MonkeyPatch, listening: None
    ) -> None:
        succeed = transitions.succeed

        def too_late(run: Run, result: str, **more: Any) -> bool:
            signal.raise_signal(stop_signals.TIME_IS_UP)
            return succeed(run, result, **more)

        monkeypatch.setattr(transitions, "succeed", too_late)
        outcome, task = run_one()
        assert (outcome, task.status) == (Success("11"), Status.SUCCESS)

    def test_one_that_comes_while_the_task_is_claimed(
        self, monkeypatch: pytest.MonkeyPatch, listening: None
    ) -> None:
        claim = transitions.claim

        def late(*args: Any, **kwargs: Any) -> Run | None:
            run = claim(*args, **kwargs)
            signal.raise_signal(stop_signals.TIME_IS_UP)
            return run

        monkeypatch.setattr(transitions, "claim", late)
        _, task = run_one()
        assert (task.status, error_of(task)["type"]) == (Status.RETRY, "timeout")

    def test_one_that_comes_while_nothing_runs(self, listening: None) -> None:
        signal.raise_signal(stop_signals.TIME_IS_UP)
        assert run_one()[0] == Success("11")

    def test_one_that_comes_while_progress_is_written(
        self, register: Register, monkeypatch: pytest.MonkeyPatch, listening: None
    ) -> None:
        report, written = transitions.report, []

        def interrupted(run: Run, progress: str) -> bool:
            signal.raise_signal(stop_signals.TIME_IS_UP)
            written.append(report(run, progress))
            return False

        monkeypatch.setattr(transitions, "report", interrupted)

        @register
        def operation(context: Context) -> None:
            """Tell of it."""
            context.progress(50)

        _, task = run_one(operation="throw_away", arguments={})
        assert (task.status, error_of(task)["type"], written) == (Status.RETRY, "timeout", [False])


class TestCancel:
    """The signal is a hint; the row says whom it is meant for."""

    def test_it_works(self, register: Register, listening: None) -> None:
        @register
        def operation(context: Context) -> None:
            """Be cancelled, and do something in the database meanwhile."""
            with transaction.atomic():
                transitions.cancelled_on(NODE)
                apart(lambda: transitions.cancel([UUID(context.task_id)])).result(60)
                signal.raise_signal(stop_signals.CANCEL)

        _, task = run_one(operation="throw_away", arguments={})
        assert (task.status, error_of(task)["type"]) == (Status.REVOKED, "cancelled")

    def test_one_that_was_meant_for_the_task_before(self, register: Register, listening: None) -> None:
        def body() -> int:
            signal.raise_signal(stop_signals.CANCEL)
            return 11

        assert throw_away(register, body)[0] == Success("11")

    def test_one_that_comes_without_the_database(self, register: Register, listening: None) -> None:
        def body() -> int:
            port = connection.settings_dict["PORT"]
            kill_connections()
            connection.settings_dict["PORT"] = closed_port()
            signal.raise_signal(stop_signals.CANCEL)
            connection.settings_dict["PORT"] = port
            return 11

        assert throw_away(register, body)[0] == Success("11")
