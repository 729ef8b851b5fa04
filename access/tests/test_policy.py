"""The policy: what a key is restricted to, held against tasks, for any restrictions and any tasks."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from access.pin_words import pin_text
from access.pins import mismatch
from access.policy import violations
from access.restrictions import NO_RESTRICTIONS, Restrictions

operations = st.sampled_from(["sleep", "http_request", "send_email"])
schemas: list[Any] = [
    True,
    False,
    {"required": ["a"]},
    {"properties": {"a": {"type": "integer", "maximum": 3}}},
]
pins = st.dictionaries(operations, st.sampled_from([pin_text(schema) for schema in schemas]))
restrictions = st.builds(
    Restrictions,
    operations=st.none() | st.lists(st.sampled_from(["*", "s*", "http_request"]), min_size=1).map(tuple),
    max_priority=st.none() | st.integers(0, 9),
    pins=pins.map(lambda found: tuple(sorted(found.items()))),
)
arguments = st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 5) | st.text(max_size=2))


@given(restrictions, operations, arguments, st.integers(0, 9))
def test_each_part_is_told_and_nothing_else(
    held: Restrictions, operation: str, arguments: dict[str, Any], priority: int
) -> None:
    found = [each.location[0] for each in violations(held, operation, arguments, priority)]
    pin = held.pin_of(operation)
    assert ("operation" in found) == (not held.allows_operation(operation))
    assert ("priority" in found) == (held.max_priority is not None and priority > held.max_priority)
    assert ("arguments" in found) == (pin is not None and mismatch(pin, arguments) is not None)
    if not held.concern_tasks:
        assert found == []


@given(operations, arguments, st.integers(0, 9))
def test_without_restrictions_all_is_allowed(
    operation: str, arguments: dict[str, Any], priority: int
) -> None:
    assert not list(violations(NO_RESTRICTIONS, operation, arguments, priority))


@given(restrictions, restrictions, operations, arguments, st.integers(0, 9))
def test_a_further_restriction_never_allows_more(
    one: Restrictions, other: Restrictions, operation: str, arguments: dict[str, Any], priority: int
) -> None:
    both = Restrictions(
        operations=one.operations,
        max_priority=min(
            [each for each in (one.max_priority, other.max_priority) if each is not None], default=None
        ),
        pins=tuple(sorted((dict(other.pins) | dict(one.pins)).items())),
    )
    if list(violations(one, operation, arguments, priority)):
        assert list(violations(both, operation, arguments, priority))
