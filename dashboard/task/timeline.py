"""The life of a task as spans of time that follow each other: waiting, attempts, and pauses in between. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

DELAYED, WAITING, ATTEMPT, BACK_OFF = "delayed", "waiting", "attempt", "back-off"
WIDTH = 1000
"""Of the whole picture, in units of its own."""
NARROWEST = 6
"""What lasts a moment among hours can still be seen and pointed at."""


@dataclass(frozen=True, slots=True)
class Span:
    """What went on from one instant to the next; without an end, it still does. Of attempts also how they ended."""

    kind: str
    start: datetime
    end: datetime | None
    attempt: Mapping[str, Any] | None = None

    def seconds(self, now: datetime) -> float:
        """How long it took, or has taken so far."""
        return max(0.0, ((self.end or now) - self.start).total_seconds())

    @property
    def outcome(self) -> str:
        """A word for its colour and shape: of attempts their outcome, else its kind."""
        return str(self.attempt["outcome"]) if self.attempt else self.kind


@dataclass(frozen=True, slots=True)
class Bar:
    """A span in the picture: `x` and `width` are of WIDTH."""

    span: Span
    x: int
    width: int
    seconds: float


def spans_of(
    created_at: datetime,
    run_at: datetime,
    finished_at: datetime | None,
    attempts: Sequence[Mapping[str, Any]],
) -> list[Span]:
    """The spans of a task in their order. `attempts`: with `started_at`, `finished_at` as instants, and `outcome`."""
    return list(_spans(created_at, run_at, finished_at, attempts))


def _spans(
    created_at: datetime,
    run_at: datetime,
    finished_at: datetime | None,
    attempts: Sequence[Mapping[str, Any]],
) -> Iterator[Span]:
    begun = [attempt for attempt in attempts if attempt["started_at"] is not None]
    first = begun[0]["started_at"] if begun else finished_at
    # A retry moves `run_at` on: then nobody knows any more whether the first attempt was delayed.
    due = run_at if not begun or run_at <= begun[0]["started_at"] else created_at
    if due > created_at:
        due = min(due, first) if first else due
        yield Span(DELAYED, created_at, due)
    if first is None or first > due:
        yield Span(WAITING, max(due, created_at), first)
    for number, attempt in enumerate(begun):
        yield Span(ATTEMPT, attempt["started_at"], attempt["finished_at"], attempt)
        ended = attempt["finished_at"]
        following = begun[number + 1]["started_at"] if number + 1 < len(begun) else finished_at
        if ended is not None and (following is None or following > ended):
            yield Span(BACK_OFF, ended, following)


def bars(spans: Sequence[Span], now: datetime) -> list[Bar]:
    """The spans as a picture: each as wide as it is long, but none too narrow to be seen."""
    lengths = [span.seconds(now) for span in spans]
    room, total = WIDTH - NARROWEST * len(spans), sum(lengths)
    drawn, x = [], 0.0
    for span, length in zip(spans, lengths, strict=True):
        width = NARROWEST + (room * length / total if total else room / len(spans))
        drawn.append(Bar(span, round(x), max(1, round(x + width) - round(x)), length))
        x += width
    return drawn


def seconds_left(elapsed: float, percent: float | None, usual: float | None) -> float | None:
    """How long a running task will still take, by its progress, else by how long its like usually take.

    None: nobody can say, or it takes longer than usual already.
    """
    if percent is not None and 0 < percent <= 100:
        return elapsed * (100 - percent) / percent
    if usual is not None and usual > elapsed:
        return usual - elapsed
    return None
