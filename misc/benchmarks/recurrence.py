"""How soon the next instant of a rule is known, whatever its age; and how soon a rule is read.

The baseline is plain dateutil, which walks from DTSTART. It is stopped after a while.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median

from dateutil.rrule import rruleset, rrulestr

from misc.benchmarks.report import Goal, Row
from schedules.recurrence import Rule, RuleSpec, parse

PACKAGES = ("python-dateutil", "cronsim", "tzdata")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ZONE = "Europe/Berlin"
AGES = {
    "a day": timedelta(days=1),
    "a year": timedelta(days=365),
    "10 years": timedelta(days=3_652),
    "50 years": timedelta(days=18_262),
}
SINCE_1970 = datetime(1970, 1, 1, 9, 7, 3)  # noqa: DTZ001 - wall times
FREQUENCIES = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
KINDS = {
    "every 3 days": {"every_x_days": 3},
    "every 7 hours": {"every_x_hours": 7},
    "cron 30 8 * * MON-FRI": {"cron": "30 8 * * MON-FRI"},
    "cron */5 * * * *": {"cron": "*/5 * * * *"},
}
READ = {
    "weekly": "FREQ=WEEKLY;BYDAY=MO,WE",
    "last weekday of a month": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "every 5 minutes": "FREQ=MINUTELY;INTERVAL=5",
    "yearly, 10 times": "FREQ=YEARLY;COUNT=10",
}
NEXT_GOAL = Goal(200)
READ_GOAL = Goal(1e6 / 150, more_is_better=True)
MICROSECONDS = 1e6


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds of so many calls, and when to stop the baseline."""

    rounds: int
    calls: int
    patience_seconds: float


FULL, SHORT = Effort(5, 400, 1.0), Effort(1, 4, 0.002)


def run(*, short: bool) -> Iterator[Row]:
    """Every case; bounded, because the baseline is."""
    effort = SHORT if short else FULL
    for freq in FREQUENCIES:
        for age, past in AGES.items():
            start = (NOW - past).replace(tzinfo=None, hour=9, minute=7, second=3)
            yield _next_row(f"next, {freq}, {age} old", _text(start, f"FREQ={freq}"), effort)
        rule = f"FREQ={freq};INTERVAL=3\nEXDATE;TZID={ZONE}:20261225T090703,20261226T090703"
        yield _next_row(f"next, {freq};INTERVAL=3 with EXDATE since 1970", _text(SINCE_1970, rule), effort)
    for kind, fields in KINDS.items():
        spec = RuleSpec(**fields, timezone=ZONE, starts_at=SINCE_1970.replace(tzinfo=UTC))  # type: ignore[arg-type]
        yield Row(f"next, {kind} since 1970", "us", _ours(parse(spec), effort), goal=NEXT_GOAL)
    for kind, value in READ.items():
        yield _read_row(kind, value, effort)


def _text(start: datetime, rule: str) -> str:
    return f"DTSTART;TZID={ZONE}:{start:%Y%m%dT%H%M%S}\nRRULE:{rule}"


def _next_row(what: str, text: str, effort: Effort) -> Row:
    ours = _ours(parse(RuleSpec(rrule=text)), effort)
    baseline, gave_up = _walk(text, effort.patience_seconds)
    return Row(what, "us", ours, baseline * MICROSECONDS, NEXT_GOAL, gave_up)


def _ours(rule: Rule, effort: Effort) -> float:
    """Microseconds of one `next`, from many moments of the year that follows."""
    moments = [NOW + timedelta(minutes=1_307 * number) for number in range(effort.calls)]

    def ask() -> None:
        for moment in moments:
            rule.next(moment)

    return _typical(ask, effort) / effort.calls * MICROSECONDS


def _walk(text: str, patience_seconds: float) -> tuple[float, bool]:
    """Seconds of CPU that dateutil takes to the first instant after now, and whether it was stopped before."""
    found = rrulestr(_naive(text))
    end, began = NOW.replace(tzinfo=None), time.process_time()
    for number, moment in enumerate(found):
        if moment > end:
            break
        if number % 256 == 0 and time.process_time() - began > patience_seconds:
            return time.process_time() - began, True
    return time.process_time() - began, False


def _naive(text: str) -> str:
    """Without a zone: dateutil's own would make it slower still."""
    return text.replace(f";TZID={ZONE}", "")


def _read_row(kind: str, value: str, effort: Effort) -> Row:
    ours = _rate(lambda text: parse(RuleSpec(rrule=text)).first, value, effort)
    baseline = _rate(_first_of_dateutil, value, effort)
    return Row(f"parse and first instant, {kind}", "/s", ours, baseline, READ_GOAL)


def _first_of_dateutil(text: str) -> object:
    found = rrulestr(_naive(text))
    return next(iter(found)) if isinstance(found, rruleset) else found[0]


_minutes = count()


def _rate(read: Callable[[str], object], value: str, effort: Effort) -> float:
    """Rules a second. Each is read once: ours are remembered."""
    rounds: list[Sequence[str]] = [
        [_text(SINCE_1970 + timedelta(minutes=next(_minutes)), value) for _ in range(effort.calls)]
        for _ in range(effort.rounds)
    ]

    def read_all() -> None:
        for text in rounds.pop():
            read(text)

    return effort.calls / _typical(read_all, effort)


def _typical(work: Callable[[], None], effort: Effort) -> float:
    """Seconds of CPU, the median of all rounds."""
    found = []
    for _ in range(effort.rounds):
        began = time.process_time_ns()
        work()
        found.append(time.process_time_ns() - began)
    return max(median(found), 1) / 1e9
