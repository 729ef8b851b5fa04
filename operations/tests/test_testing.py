"""Trying out an operation without a worker."""

import doctest
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from operations import (
    Catalogue,
    Context,
    InvalidArguments,
    OperationError,
    Progress,
    SecretText,
    Unstorable,
    testing,
)
from operations import catalogue as the_catalogue
from operations.configuration import configuration
from operations.secrets import SecretsConfiguration


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A catalogue whose operations are gone after the test."""
    monkeypatch.setattr(the_catalogue, "_operations", {})
    return the_catalogue


def register(shelf: Catalogue, function: Any) -> Any:
    return shelf.operation(idempotent=True, timeout_seconds=30)(function)


def test_the_example_is_true() -> None:
    assert doctest.testmod(testing).failed == 0


def test_by_name_or_by_function(shelf: Catalogue) -> None:
    def double(number: int) -> tuple[int, int]:
        """Twice the number."""
        return number, number

    register(shelf, double)
    assert testing.run("double", {"number": 7}).result == [7, 7]
    assert testing.run(double, {"number": 7}) == ([7, 7], [])


def test_what_is_no_operation(shelf: Catalogue) -> None:
    def double(number: int) -> int:
        """Twice the number."""
        return 2 * number

    with pytest.raises(LookupError, match="is no operation: decorate it"):
        testing.run(double, {"number": 7})


def test_arguments_are_checked_as_at_the_door() -> None:
    with pytest.raises(InvalidArguments, match="seconds must be a number"):
        testing.run("sleep", {"seconds": "7"})


def test_the_context_is_given(shelf: Catalogue) -> None:
    def look(context: Context) -> list[Any]:
        """Look around."""
        context.progress(50, "half")
        assert context.scheduled_for is not None
        return [context.task_id, context.attempt, context.scheduled_for.isoformat()]

    register(shelf, look)
    ran = testing.run(look, task_id="0199", attempt=3, scheduled_for=datetime(2026, 3, 29, tzinfo=UTC))
    assert ran == (["0199", 3, "2026-03-29T00:00:00+00:00"], [Progress(50, "half")])


def test_secrets_are_given_and_masked(shelf: Catalogue) -> None:
    def send(token: SecretText, context: Context) -> str:
        """Send it."""
        assert token == "correct horse"
        context.progress(50, f"sending {token}")
        return f"sent {token}"

    register(shelf, send)
    reference = {"token": {"$secret": "crm_token"}}
    ran = testing.run(send, reference, secrets={"crm_token": "correct horse"})
    assert ran == ("sent ***", [Progress(50, "sending ***")])
    with pytest.raises(
        InvalidArguments, match="refers to the secret crm_token, which this operation may not"
    ):
        testing.run(send, reference)


def test_what_it_raises_comes_through(shelf: Catalogue) -> None:
    def fail() -> None:
        """Fail."""
        raise OperationError("no", type="never")

    register(shelf, fail)
    with pytest.raises(OperationError, match="no"):
        testing.run(fail)


@pytest.mark.parametrize(("result", "error"), [({1, 2}, Unstorable), ("7", ValidationError)])
def test_a_result_must_be_what_the_annotation_says(
    shelf: Catalogue, result: Any, error: type[Exception]
) -> None:
    def answer() -> int:
        """Answer."""
        return result  # type: ignore[no-any-return]  # what is refused here

    register(shelf, answer)
    with pytest.raises(error):
        testing.run(answer)


def test_a_configuration_holds_for_a_while() -> None:
    secrets = SecretsConfiguration({"crm_token": frozenset(["sleep"])})
    before = configuration()
    with testing.configured(secrets=secrets):
        assert configuration().secrets is secrets
    assert configuration() is before
