"""The chain of hashes: whatever happens to any event, it is found, and named at the right place."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.audit.chain import BEGINNING, COLUMNS, Break, Head, Link, check, continued, seal

TEXTS = st.text(max_size=20) | st.none()
JSON = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=3)
INSTANTS = st.datetimes(timezones=st.just(UTC))
EVENTS = st.fixed_dictionaries(
    {
        **dict.fromkeys(COLUMNS, TEXTS),
        "id": st.uuids(),
        "at": INSTANTS,
        "project_id": st.integers(0, 9),
        "changes": JSON,
        "filter": JSON | st.none(),
        "count": st.integers(0, 9) | st.none(),
    }
)


def links_of(events: Sequence[dict[str, Any]], number: int = 0, previous: bytes = BEGINNING) -> list[Link]:
    places = continued(number, previous, events)
    return [Link(*place, event["id"], event) for place, event in zip(places, events, strict=True)]


def head_of(links: Sequence[Link]) -> Head:
    return Head(1, BEGINNING, len(links), links[-1].hash if links else BEGINNING)


@given(st.lists(EVENTS, max_size=6))
def test_what_nobody_touched_is_intact(events: list[dict[str, Any]]) -> None:
    links = links_of(events)
    assert check(head_of(links), iter(links)) == len(events)


def other(value: Any) -> st.SearchStrategy[Any]:
    """Another value of the same kind."""
    if isinstance(value, UUID):
        kind: st.SearchStrategy[Any] = st.uuids()
    elif isinstance(value, datetime):
        kind = st.just(value.replace(microsecond=value.microsecond ^ 1))
    elif isinstance(value, dict):
        kind = JSON
    elif isinstance(value, int):
        kind = st.integers(0, 9)
    else:
        kind = TEXTS
    return kind.filter(lambda new: new != value)


@given(st.data())
def test_an_edit_of_any_column_is_found_at_its_place(data: st.DataObject) -> None:
    links = links_of(data.draw(st.lists(EVENTS, min_size=1, max_size=5)))
    at, column = data.draw(st.integers(0, len(links) - 1)), data.draw(st.sampled_from(COLUMNS))
    event = links[at].event
    assert event is not None
    edited = {**event, column: data.draw(other(event[column]))}
    links[at] = replace(links[at], event=edited)
    with pytest.raises(Break, match=f"number {at + 1}, is not what was sealed there"):
        check(head_of(links), iter(links))


@given(st.data())
def test_whoever_seals_an_edited_event_anew_breaks_the_next(data: st.DataObject) -> None:
    """Unless he makes all that comes behind anew, and then the end is another."""
    links = links_of(data.draw(st.lists(EVENTS, min_size=1, max_size=5)))
    head, at = head_of(links), data.draw(st.integers(0, len(links) - 1))
    event = {**(links[at].event or {}), "action": "key.forge"}
    previous = links[at - 1].hash if at else BEGINNING
    links[at] = replace(links[at], event=event, hash=seal(previous, at + 1, event))
    expected = f"number {at + 2}, is not what was sealed" if at + 1 < len(links) else "the end is missing"
    with pytest.raises(Break, match=expected):
        check(head, iter(links))


def rearranged(links: list[Link], data: st.DataObject) -> Iterator[tuple[list[Link], str]]:
    at = data.draw(st.integers(0, len(links) - 2))
    gone = replace(links[at], event=None)
    yield [*links[:at], *links[at + 1 :]], f"number {at + 1} is missing"
    yield [*links[:at], gone, *links[at + 1 :]], f"number {at + 1}, is missing"
    first, second = links[at], links[at + 1]
    swapped = [
        replace(first, event_id=second.event_id, event=second.event),
        replace(second, event_id=first.event_id, event=first.event),
    ]
    yield [*links[:at], *swapped, *links[at + 2 :]], f"number {at + 1}, is not what"
    yield [*links[: at + 1], first, *links[at + 1 :]], f"number {at + 2} is missing"
    yield links[:-1], "the end is missing"
    yield [], "the end is missing"
    yield links[1:], "number 1 is missing"


@given(st.data())
def test_what_is_missing_put_in_or_moved_is_found(data: st.DataObject) -> None:
    ids = st.lists(EVENTS, min_size=2, max_size=5, unique_by=lambda event: str(event["id"]))
    links = links_of(data.draw(ids))
    for changed, expected in rearranged(links, data):
        with pytest.raises(Break, match=expected):
            check(head_of(links), iter(changed))


@given(st.lists(EVENTS, min_size=1, max_size=5), st.data())
def test_an_old_beginning_may_go(events: list[dict[str, Any]], data: st.DataObject) -> None:
    links = links_of(events)
    first = data.draw(st.integers(1, len(links)))
    head = replace(head_of(links), first_number=first + 1, before_first=links[first - 1].hash)
    assert check(head, iter(links[first:])) == len(links) - first


def test_the_hash_is_that_which_is_documented() -> None:
    """Others can compute it: see docs/reference/api.md."""
    event: dict[str, Any] = dict.fromkeys(COLUMNS)
    event |= {
        "id": UUID(int=1),
        "at": datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        "project_id": 1,
        "changes": {"é": 1.5},
    }
    assert (
        seal(BEGINNING, 1, event).hex() == "31f3cd67ece20ba7dcf782785489930a043d633735fe6868ac7c71ba06fb646a"
    )
