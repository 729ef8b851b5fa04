"""Arguments that an operation's JSON Schema forbids are refused at the door, and leave nothing behind."""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from operations import ArgumentError, InvalidArguments, Operation, catalogue, testing
from operations.load import Target, Targets
from schedules.models import TaskSchedule
from tasks_api.models import Task
from testing.api import Api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("target")]

LIMITS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
        HealthCheck.too_slow,
    ],
)
LONGEST = 10_000
# NUL is refused before anybody looks for arguments.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
DOORS = [("/tasks/", {}), ("/task-schedules/", {"name": "wrong", "every_x_hours": 1})]
# What a schema can tell, unlike what the URL in a text is worth.
OF_SHAPE = {
    "invalid_body", "invalid_choice", "invalid_format", "invalid_type", "max_length", "max_value", "min_length",
    "min_value", "multiple_of", "required", "unknown_field",
}  # fmt: skip
# JSON Schema takes 1.0 for an integer, which is written so by nobody who means one.
STRICT = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
VALIDATOR = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=STRICT)
# In a list: what tests register later is not meant.
OPERATIONS = [each for each in catalogue.all() if "." not in each.name]
# Nothing connects to it: without a target, what loads and asks is refused as a whole.
TARGET = Target.model_validate(
    {
        "description": "Orders.",
        "url": "postgres://loader@127.0.0.1/orders",
        "tables": ["public.orders"],
        "queries": {
            "orders_of": {
                "description": "Orders of a day.",
                "sql": "SELECT * FROM orders WHERE day = {day} LIMIT {most}",
                "parameters": {"day": {"type": "date"}, "most": {"type": "integer", "default": 10}},
            }
        },
    }
)


@pytest.fixture
def target() -> Iterator[None]:
    with testing.configured(targets=Targets({"orders": TARGET})):
        yield


def numbers_in(schema: Any) -> Iterator[float]:
    """The limits that a schema names, wherever they stand."""
    values = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    for value in values:
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield value
        yield from numbers_in(value)


def words_in(schema: Any) -> Iterator[str]:
    """The names of fields and the choices that a schema has, wherever they stand."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        yield from (choice for choice in schema.get("enum", ()) if isinstance(choice, str))
    for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from words_in(value)


def just_beyond(limit: float) -> list[Any]:
    """Values that are just too small, too large, too long or too many for a limit."""
    beyond: list[Any] = [limit - 1, limit + 1, str(limit)]
    if 0 <= limit <= LONGEST:
        beyond += ["a" * (int(limit) + 1), ["a"] * (int(limit) + 1)]
    return beyond


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Each place in a document, the whole one apart."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield (*path, step)
        yield from places_in(item, (*path, step))


@st.composite
def changed(draw: st.DrawFn, operation: Operation) -> dict[str, Any]:
    """An example's arguments, with something else in one place, or something less or more."""
    schema = validator_of(operation).schema
    examples = [example.arguments for example in operation.examples] or [
        dict.fromkeys(schema["required"], "x")
    ]
    arguments: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(examples)))
    known = [(name,) for name in schema["properties"]]
    *path, last = draw(st.sampled_from([*places_in(arguments), *known]) | st.tuples(TEXT))
    inside: Any = arguments
    for step in path:
        inside = inside[step]
    if draw(st.booleans()) and isinstance(inside, dict) and last in inside:
        del inside[last]
    else:
        limits = [value for limit in numbers_in(schema) for value in just_beyond(limit)]
        words = st.sampled_from(list(words_in(schema)))
        familiar = words | st.dictionaries(words, words | JSON, min_size=1, max_size=2)
        inside[last] = draw(st.sampled_from(limits) | JSON | familiar if limits else JSON | familiar)
    return arguments


@cache
def validator_of(operation: Operation) -> Any:
    return VALIDATOR(operation.arguments_schema)


def is_forbidden(operation: Operation, arguments: Any) -> bool:
    return not validator_of(operation).is_valid(arguments)


def refusals(operation: Operation, arguments: dict[str, Any]) -> list[ArgumentError]:
    try:
        operation.validate(arguments, may_read=lambda _: True)
    except InvalidArguments as refused:
        return refused.errors
    return []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
@pytest.mark.parametrize(("path", "more"), DOORS)
def test_what_the_schema_forbids_is_refused(
    api: Api, operation: Operation, path: str, more: dict[str, Any]
) -> None:
    @LIMITS
    @given(changed(operation))
    def check(arguments: dict[str, Any]) -> None:
        assume(is_forbidden(operation, arguments))
        body = {"operation": operation.name, "arguments": arguments, **more}
        for pointer, code, detail in api.post(path, body).errors():
            assert pointer.startswith("#/arguments")
            assert code
            assert detail

    check()
    assert not Task.objects.exists()
    assert not TaskSchedule.objects.exists()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_whatever_comes_is_taken_or_refused(api: Api, operation: Operation) -> None:
    @LIMITS
    @given(changed(operation) | st.dictionaries(TEXT, JSON, max_size=3))
    def check(arguments: dict[str, Any]) -> None:
        answer = api.post("/tasks/", {"operation": operation.name, "arguments": arguments})
        assert answer.status in (202, 400), answer.content

    check()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_what_the_schema_allows_has_the_right_shape(operation: Operation) -> None:
    @LIMITS
    @given(changed(operation))
    def check(arguments: dict[str, Any]) -> None:
        faults = OF_SHAPE & {code for _, code, _ in refusals(operation, arguments)}
        assert not faults or is_forbidden(operation, arguments)

    check()
