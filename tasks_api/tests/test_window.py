"""How large a window is: about a second of starts."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_api.window import IDLE, SMALLEST, WINDOW, Window, resized

CLOSED = Window(priority=5, size=400, is_open=False, filled=400, seconds=1, sent=0, has_backlog=True)

windows = st.builds(
    Window,
    priority=st.integers(0, 9),
    size=st.integers(1, WINDOW),
    is_open=st.booleans(),
    filled=st.integers(0, 2 * WINDOW),
    seconds=st.floats(0, 1e9),
    sent=st.integers(0, WINDOW),
    has_backlog=st.booleans(),
)


@given(windows, st.integers(0, 10_000))
def test_it_has_bounds(window: Window, slots: int) -> None:
    assert max(SMALLEST, min(2 * slots, WINDOW)) <= resized(window, slots) <= WINDOW


@pytest.mark.parametrize(
    ("begun", "seconds", "size"),
    [(300, 0.5, 600), (100, 0.1, 1_000), (300, 0.01, WINDOW), (200, 0.5, 400), (399, 1e-9, WINDOW)],
)
def test_it_holds_a_second_of_starts_at_once_where_those_are_more(
    begun: int, seconds: float, size: int
) -> None:
    window = replace(CLOSED, sent=400 - begun, seconds=seconds)
    assert resized(window, 1) == max(size, 800 if window.sent < 100 else 0)


def test_one_that_is_nearly_dry_grows_as_it_may_have_held_the_workers_up() -> None:
    assert resized(replace(CLOSED, sent=99, seconds=10), 1) == 800
    assert resized(replace(CLOSED, sent=100, seconds=10), 1) < 400


def test_it_shrinks_within_a_second() -> None:
    window = replace(CLOSED, sent=390)
    assert resized(replace(window, seconds=0.1), 1) in range(365, 376)  # of 10 in a tenth of a second
    assert resized(replace(window, seconds=1), 1) == SMALLEST
    assert resized(replace(window, seconds=100), 1) == SMALLEST


def test_there_is_more_than_one_for_each_slot() -> None:
    assert resized(replace(CLOSED, sent=400), 60) == 120


def test_of_one_that_has_just_been_closed_nobody_knows() -> None:
    assert resized(replace(CLOSED, filled=0, sent=400, seconds=1_000), 1) == 400


@pytest.mark.parametrize(
    ("changes", "needs_care"),
    [
        ({"is_open": True, "size": IDLE, "has_backlog": False}, False),
        ({"is_open": True, "size": IDLE, "has_backlog": False, "sent": IDLE - 1}, False),
        ({"is_open": True, "size": IDLE, "has_backlog": False, "sent": IDLE}, True),
        ({"is_open": True, "size": IDLE, "has_backlog": True}, True),
        ({"is_open": True, "size": IDLE + 1, "has_backlog": False, "sent": 1}, False),
        ({"is_open": True, "size": IDLE + 1, "has_backlog": False, "sent": 0}, True),
        ({"is_open": False, "size": IDLE, "has_backlog": False}, True),
    ],
)
def test_which_need_care(changes: dict[str, Any], needs_care: bool) -> None:
    assert replace(CLOSED, **changes).needs_care == needs_care
