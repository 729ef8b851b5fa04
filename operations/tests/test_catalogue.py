import doctest
import subprocess
import sys
from typing import Any

import jsonschema
import pytest

import operations
from operations import (
    Catalogue,
    Context,
    Example,
    InvalidLimits,
    Limits,
    OperationError,
    UnknownOperation,
    catalogue,
)
from testing.concurrency import PATIENCE_SECONDS

CONTEXT = Context(task_id="0199", attempt=1)
OUTWARD = {"http_request", "pdf_to_csv", "run_command", "send_email"}
"""They need others, so their own tests show what they do."""
AT_HOME = [each for each in catalogue.all() if each.name not in OUTWARD]


@pytest.fixture
def shelf() -> Catalogue:
    return Catalogue()


def register(shelf: Catalogue, function: Any, **options: Any) -> operations.Operation:
    shelf.operation(**{"idempotent": True, "timeout_seconds": 30} | options)(function)
    return shelf.all()[-1]


def double(number: int) -> int:
    """Twice the number.

    And more words about it.
    """
    return 2 * number


class TestTheOneCatalogue:
    def test_it_lists_operations_by_name(self) -> None:
        names = [operation.name for operation in catalogue.all()]
        assert {"calculate", "sleep"} <= set(names)
        assert names == sorted(names)

    def test_it_gets_an_operation(self) -> None:
        assert catalogue.get("calculate").name == "calculate"

    @pytest.mark.parametrize(
        ("name", "suggestion"),
        [
            ("calcuate", "calculate"),
            ("Sleep", "sleep"),
            ("zzz", None),
            ("", None),
            ("calculate" * 99_999, None),
        ],
    )
    def test_an_unknown_name_is_answered_with_the_nearest(self, name: str, suggestion: str | None) -> None:
        with pytest.raises(UnknownOperation) as caught:
            catalogue.get(name)
        assert caught.value.suggestion == suggestion
        assert caught.value.name == name
        assert len(str(caught.value)) < 150

    @pytest.mark.parametrize("operation", catalogue.all(), ids=lambda operation: operation.name)
    def test_schemas_and_examples_agree(self, operation: operations.Operation) -> None:
        schemas = operation.arguments_schema, operation.result_schema
        for schema in schemas:
            assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
            jsonschema.Draft202012Validator.check_schema(schema)
        # What these take, the operator says.
        assert operation.examples or operation.name in ("run_command", "load_csv", "query_to_csv")
        for example in operation.examples:
            jsonschema.validate(example.arguments, schemas[0])
            jsonschema.validate(example.result, schemas[1])
            assert operation.validate(example.arguments, may_read=lambda _: True) == example.arguments

    @pytest.mark.parametrize("operation", AT_HOME, ids=lambda operation: operation.name)
    def test_examples_give_their_results(self, operation: operations.Operation) -> None:
        for example in operation.examples:
            assert operation.run(operation.validate(example.arguments), CONTEXT) == example.result

    @pytest.mark.parametrize("operation", catalogue.all(), ids=lambda operation: operation.name)
    def test_every_argument_is_described(self, operation: operations.Operation) -> None:
        assert all(field.get("description") for field in operation.arguments_schema["properties"].values())

    def test_the_example_of_the_package_is_true(self) -> None:
        assert doctest.testmod(operations).failed == 0

    def test_it_starts_without_the_web_and_the_queue(self) -> None:
        heavy = {"django.apps", "django.db", "celery", "rest_framework"}
        code = f"import sys, operations; sys.exit(not {heavy}.isdisjoint(sys.modules))"
        subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE_SECONDS)


class TestRegistration:
    def test_a_function_becomes_an_operation_and_stays_a_function(self, shelf: Catalogue) -> None:
        decorated = shelf.operation(idempotent=True, timeout_seconds=30)(double)
        assert decorated is double
        assert shelf.get("double").summary == "Twice the number."
        assert shelf.get("double").timeout_seconds == 30

    @pytest.mark.parametrize(("idempotent", "max_attempts"), [(True, 3), (False, 1)])
    def test_tries_follow_from_idempotence(
        self, shelf: Catalogue, idempotent: bool, max_attempts: int
    ) -> None:
        assert register(shelf, double, idempotent=idempotent).max_attempts == max_attempts

    def test_tries_can_be_given(self, shelf: Catalogue) -> None:
        assert register(shelf, double, max_attempts=7).max_attempts == 7

    @pytest.mark.parametrize("name", ["a", "a1", "http_request", "mail.send", "mail.v2.send_now", "a" * 100])
    def test_names(self, shelf: Catalogue, name: str) -> None:
        assert register(shelf, double, name=name).name == name

    @pytest.mark.parametrize(
        "name", ["A", "1a", "_a", "a-b", "a b", "a.", ".a", "a..b", "ä", "a\n", "4+7", "a" * 101]
    )
    def test_names_that_are_none(self, shelf: Catalogue, name: str) -> None:
        with pytest.raises(ValueError, match="is no name"):
            register(shelf, double, name=name)

    def test_a_name_is_taken_once(self, shelf: Catalogue) -> None:
        register(shelf, double)
        with pytest.raises(ValueError, match="two operations called double"):
            register(shelf, double)

    @pytest.mark.parametrize(
        "options",
        [
            {"timeout_seconds": 0},
            {"timeout_seconds": float("inf")},
            {"timeout_seconds": float("nan")},
            {"timeout_seconds": -1},
            {"timeout_seconds": 7 * 86_400 + 1},
            {"timeout_seconds": 1e13},
            {"timeout_seconds": "30"},
            {"timeout_seconds": True},
            {"max_attempts": 0},
            {"max_attempts": 101},
            {"max_attempts": 100_000},
            {"max_attempts": 2.5},
            {"max_attempts": True},
        ],
    )
    def test_limits_have_bounds(self, shelf: Catalogue, options: dict[str, Any]) -> None:
        """Within these, every row, message and timer can hold them."""
        [(name, value)] = options.items()
        with pytest.raises(InvalidLimits, match=f"{name} of operation double must be .*, got {value!r}"):
            register(shelf, double, **options)

    @pytest.mark.parametrize("options", [{"timeout_seconds": 7 * 86_400}, {"max_attempts": 100}])
    def test_the_bounds_themselves(self, shelf: Catalogue, options: dict[str, Any]) -> None:
        found = register(shelf, double, **options)
        assert {name: getattr(found, name) for name in options} == options

    @pytest.mark.parametrize(
        ("limits", "detail"),
        [
            (
                Limits(30, 100_000, True),
                "max_attempts of operation double must be a whole number from 1 to 100",
            ),
            (
                Limits(1e13, 3, True),
                "timeout_seconds of operation double must be more than 0 and at most 604800",
            ),
            (None, "limits_of of operation double must return Limits, got None"),
        ],
    )
    def test_so_have_those_that_depend_on_arguments(self, shelf: Catalogue, limits: Any, detail: str) -> None:
        found = register(shelf, double, limits_of=lambda _: limits)
        with pytest.raises(InvalidLimits, match=detail):
            found.limits({"number": 7})

    def test_a_function_for_limits_that_fails(self, shelf: Catalogue) -> None:
        found = register(shelf, double, limits_of=lambda arguments: arguments["missing"])
        with pytest.raises(InvalidLimits, match="limits_of of operation double fails: KeyError"):
            found.limits({"number": 7})

    @pytest.mark.parametrize(
        "options", [{"idempotent": "no"}, {"idempotent": None}, {"backoff": 5}, {"limits_of": 5}]
    )
    def test_what_is_of_another_kind(self, shelf: Catalogue, options: dict[str, Any]) -> None:
        [(name, value)] = options.items()
        with pytest.raises(TypeError, match=f"{name} of operation double must be .*, got {value!r}"):
            register(shelf, double, **options)

    @pytest.mark.parametrize(
        "example", [Example({"number": "7"}, 14), Example({}, 14), Example({"number": 7}, float("nan"))]
    )
    def test_an_example_must_fit(self, shelf: Catalogue, example: Example) -> None:
        with pytest.raises(ValueError, match="an example of double does not fit"):
            register(shelf, double, examples=[example])

    def test_types_of_errors_are_told(self, shelf: Catalogue) -> None:
        errors = {"server_away": "The server does not answer."}
        assert register(shelf, double, errors=errors).errors == errors

    @pytest.mark.parametrize("errors", [{"Server away": "x"}, {"": "x"}, {"a" * 101: "x"}, {"away": " "}])
    def test_what_is_no_type_of_an_error(self, shelf: Catalogue, errors: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="is no type of an error"):
            register(shelf, double, errors=errors)

    def test_an_example_may_refer_to_any_secret(self, shelf: Catalogue) -> None:
        def send(token: operations.SecretText) -> None:
            """Send it."""

        register(shelf, send, examples=[Example({"token": {"$secret": "crm_token"}}, None)])

    def test_functions_that_cannot_be_operations(self, shelf: Catalogue) -> None:
        def undocumented(number: int) -> int:
            return number

        def untyped(number) -> int:  # type: ignore[no-untyped-def]  # what is refused here
            """Take something."""
            return int(number)

        def silent(number: int):  # type: ignore[no-untyped-def]  # what is refused here
            """Return something."""

        def sprawling(*numbers: int) -> int:
            """Take any number of numbers."""
            return len(numbers)

        async def waiting(number: int) -> int:
            """Answer later."""
            return number

        for function in [undocumented, untyped, silent, sprawling, waiting]:
            with pytest.raises(TypeError, match=function.__name__):
                register(shelf, function)
        assert shelf.all() == []


class TestRunning:
    def test_a_function_gets_its_context_if_it_asks(self, shelf: Catalogue) -> None:
        def introduce(greeting: str, me: Context) -> str:
            """Say who is running."""
            return f"{greeting}, {me.task_id}"

        operation = register(shelf, introduce)
        assert operation.run({"greeting": "Hello"}, CONTEXT) == "Hello, 0199"
        assert list(operation.arguments_schema["properties"]) == ["greeting"]

    def test_the_context_is_no_argument(self, shelf: Catalogue) -> None:
        def introduce(me: Context) -> str:
            """Say who is running."""
            return me.task_id

        operation = register(shelf, introduce)
        with pytest.raises(operations.InvalidArguments) as caught:
            operation.validate({"me": {"task_id": "forged", "attempt": 1}})
        assert [error.code for error in caught.value.errors] == ["unknown_field"]

    def test_defaults_are_filled_in_when_it_runs(self, shelf: Catalogue) -> None:
        def repeat(text: str, times: int = 2) -> str:
            """Say it again."""
            return text * times

        operation = register(shelf, repeat)
        assert operation.validate({"text": "a"}) == {"text": "a"}
        assert operation.run({"text": "a"}, CONTEXT) == "aa"
        assert operation.arguments_schema["properties"]["times"]["default"] == 2
        assert operation.arguments_schema["required"] == ["text"]

    def test_arguments_that_no_longer_fit_fail_for_good(self, shelf: Catalogue) -> None:
        with pytest.raises(OperationError) as caught:
            register(shelf, double).run({"nummer": 7}, CONTEXT)
        assert (caught.value.type, caught.value.permanent) == ("invalid_arguments", True)
        assert "number is required" in caught.value.message

    def test_what_the_function_raises_comes_through(self, shelf: Catalogue) -> None:
        def burn() -> None:
            """Raise."""
            raise OSError("no network")

        with pytest.raises(OSError, match="no network"):
            register(shelf, burn).run({}, CONTEXT)

    def test_an_operation_error_hopes_for_another_try(self) -> None:
        error = OperationError("the server is away")
        assert (error.message, error.permanent, error.type) == (
            "the server is away",
            False,
            "operation_failed",
        )

    def test_it_may_say_when(self) -> None:
        assert OperationError("too many requests", retry_after=30).retry_after == 30

    @pytest.mark.parametrize("retry_after", [-1, float("nan")])
    def test_but_not_in_the_past(self, retry_after: float) -> None:
        with pytest.raises(ValueError, match="retry_after must be at least 0"):
            OperationError("too many requests", retry_after=retry_after)
