"""Operations that raise whatever they like, or return what cannot be kept: the row tells it in words."""

import math
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from operations import OperationError
from tasks_api import transitions
from tasks_api.execution.outcomes import Failure, Success
from tasks_api.execution.running import execute, record
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Attempt
from tasks_api.tests.conftest import Register
from tasks_api.tests.executing import NODE, error_of, run_one, throw_away
from testing.api import Api
from testing.factories import make_task

pytestmark = pytest.mark.django_db(transaction=True)


class Shy(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def leave(*_: Any) -> Any:
    """Stands for a method of an exception that does what an operation should not."""
    raise SystemExit(3)


class Own(BaseException):
    """One that nobody foresaw."""


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

    @pytest.mark.parametrize("max_attempts", [1, 3])
    def test_query_budget(self, django_assert_num_queries: DjangoAssertNumQueries, max_attempts: int) -> None:
        task = make_task(operation="calcuate", max_attempts=max_attempts)
        with django_assert_num_queries(2):
            # 1. UPDATE task SET status = 'STARTED' ... RETURNING
            # 2. UPDATE task SET status = (the next one) ... and INSERT INTO attempt
            execute(task.id, task.priority, NODE)
        assert Attempt.objects.count() == 1

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
        ("message", "expected"),
        [
            ("a\0b", "a\ufffdb"),
            ("half \ud800", "half ?"),
            ("long " * 1_000, ("long " * 1_000)[:2_000]),
            ("", ""),
        ],
    )
    def test_any_message_can_be_stored(self, register: Register, message: str, expected: str) -> None:
        def body() -> None:
            raise OperationError(message)

        _, task = throw_away(register, body)
        assert (task.status, error_of(task)["message"]) == (Status.RETRY, expected)

    @pytest.mark.parametrize(
        ("word", "expected"),
        [
            ("nul\0", "nul\ufffd"),
            ("half \ud800", "half ?"),
            ("x" * 5_000, "x" * 100),
            (None, "None"),
            (404, "404"),
        ],
    )
    def test_any_type_can_be_stored(self, register: Register, word: Any, expected: str) -> None:
        def body() -> None:
            raise OperationError("no", permanent=True, type=word)

        _, task = throw_away(register, body)
        assert (task.status, error_of(task)["type"], error_of(task)["message"]) == (
            Status.FAILURE,
            expected,
            "no",
        )

    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            (None, "None"),
            (b"bytes", "b'bytes'"),
            (ValueError("inner"), "inner"),
            ({"a": 1}, "{'a': 1}"),
            (Shy(), "a Shy that cannot be shown as text"),
        ],
    )
    def test_a_message_that_is_no_text(self, register: Register, message: Any, expected: str) -> None:
        def body() -> None:
            raise OperationError(message, permanent=True, type="its_own")

        _, task = throw_away(register, body)
        assert task.status == Status.FAILURE
        assert task.error == {"type": "its_own", "message": expected, "permanent": True}

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

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({"__str__": leave}, "Own: <exception str() failed>"),
            ({"__getattribute__": leave}, "Own cannot be shown as text"),
            ({"__notes__": property(leave)}, "Own cannot be shown as text"),
        ],
        ids=["str", "every attribute", "notes"],
    )
    def test_one_that_ends_whoever_looks_at_it(
        self, register: Register, body: dict[str, Any], message: str
    ) -> None:
        def raises() -> None:
            raise type("Own", (BaseException,), body)("told")

        _, task = throw_away(register, raises)
        assert (task.status, error_of(task)["type"]) == (Status.RETRY, "Own")
        assert error_of(task)["message"].endswith(message)
        assert "in raises" in error_of(task)["traceback"]

    def test_one_whose_type_has_no_module(self, register: Register) -> None:
        def body() -> None:
            exec("raise type('Own', (BaseException,), {})('told')", {})  # noqa: S102 (such types come from such code)

        _, task = throw_away(register, body)
        assert (task.status, error_of(task)["type"]) == (Status.RETRY, "Own")

    def test_a_message_that_ends_whoever_looks_at_it(self, register: Register) -> None:
        class Message:
            __str__ = leave

        def body() -> None:
            raise OperationError(Message(), permanent=True, type="its_own")  # type: ignore[arg-type]

        _, task = throw_away(register, body)
        assert (task.status, error_of(task)["type"]) == (Status.FAILURE, "its_own")
        assert error_of(task)["message"] == "a Message that cannot be shown as text"


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
