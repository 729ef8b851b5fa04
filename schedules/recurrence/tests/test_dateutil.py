"""Where python-dateutil and the engine differ, and why. Each difference is confirmed by running both."""

import random
import warnings
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

import pytest
from dateutil.rrule import rruleset, rrulestr

from schedules.recurrence import RecurrenceError, RuleSpec, parse

from .oracle import FREQUENCIES
from .test_oracle import SEED, random_rule

START = datetime(2025, 1, 1, 9)  # noqa: DTZ001 - dateutil's own zones are not what is compared


class Difference(NamedTuple):
    """A rule that both read, from Wednesday 2025-01-01 09:00, and the first days that each finds."""

    text: str
    ours: list[str]
    theirs: list[str]
    reason: str


DIFFERENCES = [
    Difference(
        "FREQ=MONTHLY;BYDAY=MO,1FR",
        ["2025-01-03", "2025-01-06", "2025-01-13"],
        [],
        "it demands that a day be both of a plain and of a numbered BYDAY",
    ),
    Difference(
        "FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1",
        ["2025-01-06", "2025-01-13"],
        ["2025-01-01", "2025-01-06"],
        "its first week begins at DTSTART, where the RFC's begins with the week",
    ),
    Difference(
        "FREQ=YEARLY;BYWEEKNO=-53;BYDAY=MO",
        ["2025-12-29", "2031-12-29"],
        [],
        "it counts weeks from the end only in the year that they begin in",
    ),
    Difference(
        "FREQ=YEARLY;BYWEEKNO=20",
        ["2025-05-14", "2026-05-13"],
        ["2025-05-12", "2025-05-13"],
        "it takes all seven days of a week, where the RFC lends DTSTART's weekday",
    ),
    Difference(
        "FREQ=YEARLY;BYMONTHDAY=15",
        ["2025-01-15", "2026-01-15"],
        ["2025-01-15", "2025-02-15"],
        "it takes every month, where DTSTART's month is meant",
    ),
]


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.text)
def test_differences(difference: Difference) -> None:
    ours = [
        at.strftime("%Y-%m-%d") for at in islice(parse(spec(difference.text)).all(), len(difference.ours))
    ]
    assert ours == difference.ours, difference.reason
    assert theirs(difference.text, len(difference.ours)) == difference.theirs != ours


def spec(text: str) -> RuleSpec:
    return RuleSpec(rrule=text, starts_at=START.replace(tzinfo=UTC))


def theirs(text: str, count: int) -> list[str]:
    found = dateutil(text, START).between(START, START.replace(year=2035), inc=True)
    return [f"{at:%Y-%m-%d}" for at in found[:count]]


def dateutil(text: str, start: datetime) -> rruleset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: rruleset = rrulestr(text, dtstart=start, forceset=True)
    return found


def test_until_in_utc_against_a_zone_is_refused_there_and_read_here() -> None:
    text = "DTSTART;TZID=Europe/Berlin:20250101T090000\nRRULE:FREQ=DAILY;UNTIL=20250103"
    with pytest.raises(ValueError, match="UNTIL"):
        rrulestr(text)
    assert len(list(parse(RuleSpec(rrule=text)).all())) == 3


def test_what_the_rfc_forbids_is_taken_there_and_refused_here() -> None:
    for text in (
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=DAILY;BYYEARDAY=1",
        "FREQ=DAILY;COUNT=1;UNTIL=20250103T000000",
    ):
        assert dateutil(text, START) is not None
        with pytest.raises(RecurrenceError):
            parse(spec(text))


def test_no_zones_after_2037_there() -> None:
    text = "DTSTART;TZID=Europe/Berlin:20400101T090000\nRRULE:FREQ=DAILY"
    summer = next(at for at in rrulestr(text) if at.month == 7).utcoffset()
    assert summer == timedelta(hours=1)
    assert parse(RuleSpec(rrule=text)).next(datetime(2040, 7, 1, tzinfo=UTC)) == datetime(
        2040, 7, 1, 7, tzinfo=UTC
    )


@pytest.mark.parametrize("freq", FREQUENCIES)
def test_both_agree_on_all_else(freq: str) -> None:
    dice = random.Random(f"{SEED}dateutil{freq}")  # noqa: S311 - no secret
    compared = 0
    for _ in range(60):
        slow = random_rule(dice, freq)
        if slow.by.keys() & {"BYWEEKNO", "BYSETPOS"} or len({len(text) > 2 for text in slow.byday}) == 2:
            continue
        if freq == "YEARLY" and slow.by.keys() & {"BYMONTHDAY", "BYYEARDAY"}:
            continue
        compared += agree(slow.value, slow.start)
    assert compared


def agree(text: str, start: datetime) -> bool:
    try:
        rule = parse(RuleSpec(rrule=text, starts_at=start.replace(tzinfo=UTC)))
    except RecurrenceError:
        return False
    ours = [at.replace(tzinfo=None) for at in islice(rule.all(), 5)]
    if len(ours) < 5 or ours[-1].year > start.year + 20:
        return False  # it walks there from DTSTART, for seconds
    assert list(islice(dateutil(text, start), 5)) == ours, f"RECURRENCE_SEED={SEED} {text} from {start}"
    return True
