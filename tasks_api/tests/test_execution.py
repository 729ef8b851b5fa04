"""A run from its claim to its record: whatever an operation does, the row tells how it ended."""

import math
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from operations import Context, OperationError
from tasks_api import transitions
from tasks_api.execution import stop_signals
from tasks_api.execution.outcomes import Failure, Success
from tasks_api.execution.running import execute, perform, record
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.tests.conftest import Register
from tasks_api.transitions import Run
from testing.api import Api
from testing.away import closed_port
from testing.concurrency import apart, eventually
from testing.factories import ago, make_task, run_of
from testing.web import database_url

pytestmark = pytest.mark.django_db(transaction=True)

NODE = new_id()


def run_one(**changes: Any) -> tuple[Any, Task]:
    """Run a task, and what its row says then."""
    task = make_task(**changes)
    outcome = execute(task.id, task.priority, NODE)
    return outcome, Task.objects.get(id=task.id)


class Shy(Exception):
    def __str__(self) -> str:
        raise RuntimeError


class Own(BaseException):
    """One that nobody foresaw."""


@pytest.fixture
def listening() -> Iterator[None]:
    """As in a worker's child."""
    before = [signal.getsignal(number) for number in (stop_signals.TIME_IS_UP, stop_signals.CANCEL)]
    stop_signals.listen()
    yield
    for number, handler in zip((stop_signals.TIME_IS_UP, stop_signals.CANCEL), before, strict=True):
        signal.signal(number, handler)


def error_of(task: Task) -> dict[str, Any]:
    error: dict[str, Any] | None = task.error
    assert error is not None
    return error


def throw_away(register: Register, body: Callable[[], Any]) -> tuple[Any, Task]:
    """Run a task whose operation does this."""

    @register
    def operation() -> Any:
        """Do it."""
        return body()

    return run_one(operation="throw_away", arguments={})


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


class TestFailure:
    @pytest.mark.parametrize(("permanent", "status"), [(True, Status.FAILURE), (False, Status.RETRY)])
    def test_it_works(self, register: Register, permanent: bool, status: Status) -> None:
        def body() -> None:
            raise OperationError("the server is away", permanent=permanent, type="server_away")

        outcome, task = throw_away(register, body)
        assert outcome == Failure("server_away", "the server is away", permanent)
        assert (task.status, task.result) == (status, None)
        assert task.error == {
            "type": "server_away",
            "message": "the server is away",
            "permanent": permanent,
        }

    def test_arithmetic_without_a_value(self) -> None:
        _, task = run_one(arguments={"expression": "1/0"})
        assert task.status == Status.FAILURE
        assert (error_of(task)["type"], error_of(task)["permanent"]) == ("division_by_zero", True)

    def test_an_exception_that_nobody_foresaw(
        self, register: Register, api: Api, caplog: pytest.LogCaptureFixture
    ) -> None:
        def body() -> None:
            raise OSError("no network")

        _, task = throw_away(register, body)
        expected = {"type": "OSError", "message": "OSError: no network", "permanent": False}
        answer = api.get(f"/tasks/{task.id}/")
        assert (task.status, answer.json["error"]) == (Status.RETRY, expected)
        assert b"Traceback" not in answer.content
        assert b".py" not in answer.content
        (record,) = (each for each in caplog.records if each.levelname == "ERROR")
        assert record.getMessage() == "throw_away raised an exception"
        assert "Traceback" in caplog.text

    def test_an_exceptions_notes_are_told_after_it(self, register: Register) -> None:
        def body() -> None:
            error = OSError("no network")
            error.add_note("on Sundays")
            raise error

        _, task = throw_away(register, body)
        assert error_of(task)["message"] == "OSError: no network\non Sundays"

    @pytest.mark.parametrize(
        ("message", "told"),
        [
            ("a\0b", "a\ufffdb"),
            ("half \ud800", "half ?"),
            ("long " * 1_000, ("long " * 1_000)[:2_000]),
            ("", ""),
        ],
    )
    def test_any_message_can_be_stored(self, register: Register, message: str, told: str) -> None:
        def body() -> None:
            raise OperationError(message)

        _, task = throw_away(register, body)
        assert (task.status, error_of(task)["message"]) == (Status.RETRY, told)

    @pytest.mark.parametrize(
        ("word", "told"),
        [
            ("nul\0", "nul\ufffd"),
            ("half \ud800", "half ?"),
            ("x" * 5_000, "x" * 100),
            (None, "None"),
            (404, "404"),
        ],
    )
    def test_any_type_can_be_stored(self, register: Register, word: Any, told: str) -> None:
        def body() -> None:
            raise OperationError("no", permanent=True, type=word)

        _, task = throw_away(register, body)
        assert (task.status, error_of(task)["type"], error_of(task)["message"]) == (
            Status.FAILURE,
            told,
            "no",
        )

    @pytest.mark.parametrize(
        ("message", "told"),
        [
            (None, "None"),
            (b"bytes", "b'bytes'"),
            (ValueError("inner"), "inner"),
            ({"a": 1}, "{'a': 1}"),
            (Shy(), "a Shy that cannot be shown as text"),
        ],
    )
    def test_a_message_that_is_no_text(self, register: Register, message: Any, told: str) -> None:
        def body() -> None:
            raise OperationError(message, permanent=True, type="its_own")

        _, task = throw_away(register, body)
        assert task.status == Status.FAILURE
        assert task.error == {"type": "its_own", "message": told, "permanent": True}

    @pytest.mark.parametrize("wait", [math.nan, math.inf, -1, "soon"])
    def test_a_wait_that_is_none(self, register: Register, wait: Any) -> None:
        def body() -> None:
            error = OperationError("no")
            error.retry_after = wait
            raise error

        assert throw_away(register, body)[1].status == Status.RETRY

    def test_an_error_that_was_never_initialised(self, register: Register) -> None:
        class Careless(OperationError):
            def __init__(self) -> None:
                pass

        def body() -> None:
            raise Careless

        _, task = throw_away(register, body)
        assert task.error == {"type": "operation_failed", "message": "", "permanent": False}

    def test_an_error_that_raises_when_it_is_looked_at(self, register: Register) -> None:
        class Trap(OperationError):
            @property
            def message(self) -> str:
                raise RuntimeError

            @message.setter
            def message(self, value: str) -> None:
                """Forget it."""

        def body() -> None:
            raise Trap("no")

        _, task = throw_away(register, body)
        assert (task.status, error_of(task)["type"]) == (Status.RETRY, "Trap")

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, GeneratorExit, SystemExit, Own, BaseExceptionGroup])
    def test_what_is_no_exception_even(self, register: Register, kind: type[BaseException]) -> None:
        def body() -> None:
            raise kind("told", [Own()]) if kind is BaseExceptionGroup else kind("told")

        _, task = throw_away(register, body)
        assert (task.status, error_of(task)["type"]) == (Status.RETRY, kind.__name__)
        assert error_of(task)["message"].startswith(
            f"{kind.__module__}.{kind.__name__}: told".removeprefix("builtins.")
        )
        assert "in body" in error_of(task)["traceback"]

    def test_an_exception_that_cannot_even_be_shown(self, register: Register) -> None:
        def body() -> None:
            raise Shy

        _, task = throw_away(register, body)
        assert (task.status, error_of(task)["type"]) == (Status.RETRY, "Shy")


class TestUnstorableResults:
    @pytest.mark.parametrize(
        ("result", "reason"),
        [
            ("a\0b", "must not contain the NUL character"),
            (["\ud800"], "must not contain half of a surrogate pair"),
            (math.nan, "must be a finite number, got nan"),
            ({"a": [math.inf]}, "must be a finite number, got inf"),
            ({1, 2}, "must be JSON, got a set"),
            (b"bytes", "must be JSON, got a bytes"),
            ({(1, 2): 3}, "must have keys of text, got a tuple"),
            (["a" * 1_048_573], "must have at most 1048576 bytes as JSON, got 1048577"),
            pytest.param(10**5_000, "must be a number of at most 4300 digits", id="long number"),
        ],
    )
    def test_it_works(self, register: Register, result: Any, reason: str) -> None:
        _, task = throw_away(register, lambda: result)
        assert task.status == Status.FAILURE
        assert (error_of(task)["type"], error_of(task)["permanent"]) == ("unstorable_result", True)
        assert error_of(task)["message"].startswith("the operation's result value")
        assert error_of(task)["message"].endswith(reason)

    def test_one_inside_itself(self, register: Register) -> None:
        endless: list[Any] = []
        endless.append(endless)
        _, task = throw_away(register, lambda: endless)
        assert error_of(task)["type"] == "unstorable_result"

    def test_one_that_only_the_database_refuses(self) -> None:
        task = make_task()
        run = transitions.claim(task.id, task.priority, token=new_id(), node=NODE)
        assert run is not None
        assert record(run, Success('"\\u0000"'))
        task.refresh_from_db()
        assert (task.status, error_of(task)["type"]) == (Status.FAILURE, "unstorable_result")


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

    @pytest.mark.parametrize(
        "status",
        [
            each
            for each in Status
            if each
            not in (
                Status.PENDING,
                Status.RETRY,
            )
        ],
    )
    def test_one_that_does_not_wait(self, status: Status) -> None:
        outcome, task = run_one(status=status)
        assert outcome is None
        assert task.status == status

    def test_one_that_is_gone(self) -> None:
        assert execute(new_id(), 5, NODE) is None

    def test_one_whose_priority_was_changed(self) -> None:
        task = make_task(priority=5)
        assert execute(task.id, 4, NODE) is None


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


def kill_connections() -> None:
    """As an administrator does, or a restart of the database."""
    killer = psycopg2.connect(database_url())
    try:
        with killer.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                "AND datname = current_database() AND pid <> pg_backend_pid()"
            )
    finally:
        killer.close()


def test_performing_writes_nothing() -> None:
    task = make_task()
    assert perform(run_of(task)) == Success("11")
    task.refresh_from_db()
    assert task.status == Status.PENDING
