"""What POST /tasks/ refuses, where it points, and what it says."""

from dataclasses import replace
from typing import Any

import pytest

from operations import Limits, catalogue
from tasks_api.models import Task
from testing.api import Api

pytestmark = pytest.mark.django_db

SUM = {"operation": "4+7"}
KNOWN = "(GET /operations/ lists them)"


def refusal(pointer: str, code: str, detail: str, **changes: Any) -> Any:
    """A body that is right but for these changes, and the one error that it gets."""
    return pytest.param(SUM | changes, (pointer, code, detail), id=f"{pointer} {code} {detail[:40]}")


def number(field: str, expectation: str, value: Any, got: str) -> Any:
    return refusal(f"#/{field}", "invalid_type", f"must be a {expectation}, got {got}", **{field: value})


def instant(field: str, expectation: str, value: Any, got: str) -> Any:
    return refusal(f"#/{field}", "invalid_datetime", f"{expectation}, got {got}", **{field: value})


A_TIME = "must be a time such as 2026-03-29T01:30:00Z"
AN_OFFSET = "must have an offset, such as Z or +02:00"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        # the operation
        refusal("#/operation", "invalid_type", "must be text, got 7", operation=7),
        refusal("#/operation", "invalid_type", "must be text, got null", operation=None),
        refusal("#/operation", "min_length", "must have at least 1 character, got 0", operation=""),
        refusal(
            "#/operation", "max_length", "must have at most 1000 characters, got 1001", operation="1" * 1_001
        ),
        refusal(
            "#/operation",
            "unknown_operation",
            f'there is no operation "calcuate"; did you mean "calculate"? {KNOWN}',
            operation="calcuate",
        ),
        refusal("#/operation", "unknown_operation", f'there is no operation "zzz" {KNOWN}', operation="zzz"),
        # the short form
        refusal("#/operation", "invalid_expression", "ends too early", operation="4+"),
        refusal(
            "#/arguments",
            "conflict",
            "must be left out where `operation` is an expression",
            arguments={"expression": "4+7"},
        ),
        # arguments
        refusal("#/arguments", "invalid_type", "must be an object, got a list", arguments=[]),
        refusal("#/arguments/expression", "required", "is required", operation="calculate"),
        refusal(
            "#/arguments/expression",
            "invalid_type",
            "must be text, got 11",
            operation="calculate",
            arguments={"expression": 11},
        ),
        refusal(
            "#/arguments/expression",
            "invalid_expression",
            "ends too early",
            operation="calculate",
            arguments={"expression": "4+"},
        ),
        refusal(
            "#/arguments/expresion",
            "unknown_field",
            'is not a known field; did you mean "expression"?',
            operation="calculate",
            arguments={"expression": "4+7", "expresion": "4+7"},
        ),
        refusal(
            "#/arguments/seconds",
            "invalid_type",
            'must be a number, got the text "7"',
            operation="sleep",
            arguments={"seconds": "7"},
        ),
        # numbers are not converted
        number("priority", "whole number", "7", 'the text "7"'),
        number("priority", "whole number", True, "true"),
        number("priority", "whole number", 5.0, "5.0"),
        number("priority", "whole number", [5], "a list"),
        number("max_attempts", "whole number", "7", 'the text "7"'),
        number("max_attempts", "whole number", True, "true"),
        number("timeout_seconds", "number", "7", 'the text "7"'),
        number("timeout_seconds", "number", True, "true"),
        # and have limits
        refusal("#/priority", "max_value", "must be at most 9, got 12", priority=12),
        refusal("#/priority", "min_value", "must be at least 0, got -1", priority=-1),
        refusal(
            "#/priority", "max_value", "must be at most 9, got a number of about 400 digits", priority=10**400
        ),
        refusal("#/max_attempts", "min_value", "must be at least 1, got 0", max_attempts=0),
        refusal("#/max_attempts", "max_value", "must be at most 100, got 101", max_attempts=101),
        refusal("#/timeout_seconds", "min_value", "must be more than 0, got 0", timeout_seconds=0),
        refusal(
            "#/timeout_seconds", "max_value", "must be at most 604800, got 604801", timeout_seconds=604_801
        ),
        # tags
        refusal("#/tags", "invalid_type", 'must be a list, got the text "a"', tags="a"),
        refusal("#/tags", "max_length", "must have at most 20 items, got 21", tags=["a"] * 21),
        refusal("#/tags/1", "invalid_type", "must be text, got 1", tags=["a", 1]),
        refusal("#/tags/0", "min_length", "must have at least 1 character, got 0", tags=[""]),
        refusal("#/tags/0", "max_length", "must have at most 100 characters, got 101", tags=["a" * 101]),
        # instants
        instant("run_at", AN_OFFSET, "2026-01-02T03:04:05", 'the text "2026-01-02T03:04:05"'),
        instant("expires_at", AN_OFFSET, "2026-01-02T03:04:05", 'the text "2026-01-02T03:04:05"'),
        instant("run_at", A_TIME, "2026-01-02", 'the text "2026-01-02"'),
        instant("run_at", A_TIME, "2026-01-02 03:04:05Z", 'the text "2026-01-02 03:04:05Z"'),
        instant("run_at", A_TIME, "2026-02-30T00:00:00Z", 'the text "2026-02-30T00:00:00Z"'),
        instant("run_at", A_TIME, "tomorrow", 'the text "tomorrow"'),
        instant("run_at", A_TIME, "", 'the text ""'),
        instant("run_at", A_TIME, 1_767_322_800, "1767322800"),
        instant("run_at", A_TIME, True, "true"),
        instant(
            "run_at",
            "must be within the years 1 to 9999",
            "0001-01-01T00:00:00+14:00",
            'the text "0001-01-01T00:00:00+14:00"',
        ),
        refusal(
            "#/expires_at",
            "too_early",
            "must be later than run_at, 2999-01-02T03:00:00Z, got 2999-01-02T03:00:00Z",
            run_at="2999-01-02T03:00:00Z",
            expires_at="2999-01-02T05:00:00+02:00",
        ),
        refusal(
            "#/expires_at",
            "too_early",
            "must be in the future, got 2026-01-02T03:00:00Z",
            expires_at="2026-01-02T05:00:00+02:00",
        ),
        # unknown fields
        refusal("#/prio", "unknown_field", 'is not a known field; did you mean "priority"?', prio=5),
        refusal("#/zzz", "unknown_field", "is not a known field", zzz=None),
        refusal("#/a~1b~0c", "unknown_field", "is not a known field", **{"a/b~c": 1}),
    ],
)
def test_a_field(api: Api, body: dict[str, Any], error: tuple[str, str, str]) -> None:
    assert api.post("/tasks/", body).errors() == [error]
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("body", "got"), [([], "a list"), (None, "null"), (7, "7"), ("4+7", 'the text "4+7"'), (True, "true")]
)
def test_a_body_that_is_no_object(api: Api, body: Any, got: str) -> None:
    assert api.post("/tasks/", body).errors() == [("#", "invalid_type", f"must be an object, got {got}")]


def test_an_empty_body(api: Api) -> None:
    assert api.send("POST", "/tasks/").errors() == [("#/operation", "required", "is required")]


def test_all_errors_are_told_at_once(api: Api) -> None:
    body = {"priority": 12, "tags": ["", "a"], "run_at": "now", "zzz": 1}
    found = {(where, code) for where, code, _ in api.post("/tasks/", body).errors()}
    assert found == {
        ("#/operation", "required"),
        ("#/priority", "max_value"),
        ("#/tags/0", "min_length"),
        ("#/run_at", "invalid_datetime"),
        ("#/zzz", "unknown_field"),
    }


def test_an_unknown_parameter(api: Api) -> None:
    (error,) = api.post("/tasks/?wait=3", SUM).errors()
    assert error == ("wait", "unknown_field", "is not a known parameter; known are: none")
    assert not Task.objects.exists()


def test_the_parser_refuses_first(api: Api) -> None:
    body = b'{"operation": "4+7", "operation": "4+8"}'
    ((where, code, _),) = api.send("POST", "/tasks/", body).errors()
    assert (where, code) == ("#", "invalid_json")


def test_too_large_arguments(api: Api) -> None:
    body = {"operation": "calculate", "arguments": {"expression": "1" * 262_144}}
    size = 262_144 + len('{"expression":""}')
    detail = f"must have at most 262144 bytes as JSON, got {size}"
    answer = api.post("/tasks/", body)
    assert answer.errors(413, "content_too_large") == [("#/arguments", "too_large", detail)]
    assert not Task.objects.exists()


def test_limits_that_no_task_may_have(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they depend on the arguments, an operation is found out only now."""
    wrong = replace(catalogue.get("sleep"), limits_of=lambda _: Limits(1e13, 3, idempotent=True))
    monkeypatch.setitem(catalogue._operations, "sleep", wrong)
    answer = api.post("/tasks/", {"operation": "sleep", "arguments": {"seconds": 1}})
    [(where, code, detail)] = answer.errors()
    assert (where, code) == ("#/operation", "invalid_limits")
    assert "timeout_seconds of operation sleep must be more than 0 and at most 604800 (a week)" in detail
