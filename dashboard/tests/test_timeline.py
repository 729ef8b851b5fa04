"""The life of a task as spans that follow each other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.task.timeline import (
    ATTEMPT,
    BACK_OFF,
    DELAYED,
    NARROWEST,
    WAITING,
    WIDTH,
    Span,
    bars,
    seconds_left,
    spans_of,
)

START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def attempt(start: float, end: float | None, outcome: str = "failed") -> dict[str, Any]:
    return {
        "started_at": at(start),
        "finished_at": None if end is None else at(end),
        "outcome": outcome,
    }


def told(spans: list[Span]) -> list[tuple[str, float, float | None]]:
    return [
        (
            span.outcome,
            (span.start - START).total_seconds(),
            None if span.end is None else (span.end - START).total_seconds(),
        )
        for span in spans
    ]


def test_a_task_that_waits() -> None:
    assert told(spans_of(START, START, None, [])) == [(WAITING, 0, None)]


def test_a_task_that_is_to_wait() -> None:
    assert told(spans_of(START, at(60), None, [])) == [(DELAYED, 0, 60), (WAITING, 60, None)]


def test_a_task_that_was_cancelled_before_its_time() -> None:
    assert told(spans_of(START, at(60), at(10), [])) == [(DELAYED, 0, 10)]


def test_attempts_and_the_pause_between_them() -> None:
    spans = spans_of(START, at(35), at(42), [attempt(1, 5), attempt(35, 42, "success")])
    assert told(spans) == [(WAITING, 0, 1), ("failed", 1, 5), (BACK_OFF, 5, 35), ("success", 35, 42)]


def test_a_task_that_runs() -> None:
    assert told(spans_of(START, START, None, [attempt(1, None, "running")])) == [
        (WAITING, 0, 1),
        ("running", 1, None),
    ]


def test_a_task_that_waits_for_its_next_attempt() -> None:
    spans = spans_of(START, at(35), None, [attempt(1, 5)])
    assert told(spans) == [(WAITING, 0, 1), ("failed", 1, 5), (BACK_OFF, 5, None)]


lengths = st.lists(st.floats(0, 10**9), min_size=1, max_size=40)


@given(lengths)
def test_pictures_fill_their_width_and_hide_nothing(seconds: list[float]) -> None:
    spans, begins = [], 0.0
    for length in seconds:
        spans.append(Span(ATTEMPT, at(begins), at(begins + length), {"outcome": "failed"}))
        begins += length
    drawn = bars(spans, at(begins))
    assert len(drawn) == len(spans)
    assert all(bar.width >= NARROWEST - 1 for bar in drawn)
    assert [bar.x for bar in drawn[1:]] == [bar.x + bar.width for bar in drawn[:-1]]
    assert abs(drawn[-1].x + drawn[-1].width - WIDTH) <= 1


@pytest.mark.parametrize(
    ("elapsed", "percent", "usual", "left"),
    [
        (30, 50, None, 30),
        (30, 100, None, 0),
        (30, 0, 40, 10),
        (30, None, 40, 10),
        (50, None, 40, None),
        (50, None, None, None),
    ],
)
def test_how_long_it_still_takes(
    elapsed: float, percent: float | None, usual: float | None, left: float | None
) -> None:
    assert seconds_left(elapsed, percent, usual) == left
