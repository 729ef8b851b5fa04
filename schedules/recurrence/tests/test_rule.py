"""The questions that a rule answers, at any age."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

import pytest

from schedules.recurrence import Rule, RuleSpec, parse
from schedules.recurrence.budget import Budget

from .reading import rule, utc

NOW = utc("2026-11-20T10:42:17.5")
ZONES = ["UTC", "America/New_York", "Australia/Lord_Howe"]
RULES = [
    "FREQ=SECONDLY",
    "FREQ=SECONDLY;INTERVAL=7",
    "FREQ=SECONDLY;INTERVAL=90;BYHOUR=9,10",
    "FREQ=MINUTELY;INTERVAL=7",
    "FREQ=HOURLY;INTERVAL=5",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
    "FREQ=MONTHLY;INTERVAL=5;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY;INTERVAL=3;BYYEARDAY=-1,100",
    "*/7 * * * *",
    "30 2 1 * *",
    "0 0 29 2 1",
]


def since(text: str, year: int, zone: str) -> Rule:
    return rule(text, zone, starts_at=f"{year}-01-01T05:00")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("text", RULES)
def test_previous_is_the_inverse_of_next(text: str, zone: str) -> None:
    found = since(text, 1970, zone)
    moment = NOW
    for _ in range(30):
        later = found.next(moment)
        assert later is not None
        assert later > moment
        assert found.previous(later) == found.previous(moment, inclusive=True)
        assert found.next(later - timedelta(microseconds=1)) == later
        assert found.previous(later + timedelta(microseconds=1)) == later
        moment = later


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("text", RULES)
def test_between_next_and_count_agree(text: str, zone: str) -> None:
    found = since(text, 1970, zone)
    low = found.next(NOW)
    assert low is not None
    some = list(islice(found.between(low, utc("2999-01-01")), 40))
    assert some[0] == low
    assert list(found.between(low, some[-1])) == some[:-1]
    assert found.count(low, some[-1], 1_000) == 39
    assert found.count(low, some[-1], 10) == 10
    assert found.count(low, some[-1], 0) == 0
    assert found.count(some[-1], low, 10) == 0


class CountingInstants:
    """Counts the steps that a rule takes, which stand for its cost."""

    def __init__(self, found: Rule) -> None:
        self.source = found.source
        self.steps = 0

    def first(self, start: int, end: int, budget: Budget) -> int | None:
        self.steps += 1
        return self.source.first(start, end, budget)

    def count(self, start: int, end: int, budget: Budget) -> int:
        return self.source.count(start, end, budget)

    def note(self, instant: int) -> str | None:
        return self.source.note(instant)


@pytest.mark.parametrize("text", RULES)
def test_previous_takes_as_many_steps_at_any_age(text: str) -> None:
    steps = []
    for year in (1970, 2025):
        found = since(text, year, "America/New_York")
        counting = CountingInstants(found)
        Rule(counting, found.zone, found.starts, found.ends).previous(NOW)
        steps.append(counting.steps)
    assert max(steps) < 30


# Each interval divides the time between the two starts, so both have the same phase.
SAME_PHASE = [
    ("FREQ=SECONDLY;INTERVAL=7", timedelta(weeks=2_000)),
    ("FREQ=MINUTELY;INTERVAL=7", timedelta(weeks=2_000)),
    ("FREQ=HOURLY;INTERVAL=5", timedelta(days=5 * 3_000)),
    ("FREQ=DAILY;INTERVAL=3", timedelta(days=3 * 5_000)),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU", timedelta(weeks=2_000)),
]


@pytest.mark.parametrize(("text", "age"), SAME_PHASE)
def test_an_old_rule_and_a_young_one_of_the_same_phase_agree(text: str, age: timedelta) -> None:
    young_start = datetime(2026, 1, 6, 5, tzinfo=UTC)
    young = parse(RuleSpec(rrule=text, starts_at=young_start))
    old = parse(RuleSpec(rrule=text, starts_at=young_start - age))
    assert list(islice(old.between(NOW, utc("2999-01-01")), 50)) == list(
        islice(young.between(NOW, utc("2999-01-01")), 50)
    )


def test_a_dense_rule_a_year_behind_is_counted_to_its_limit() -> None:
    found = since("FREQ=SECONDLY", 2025, "UTC")
    assert found.count(utc("2025-06-01T00:00"), NOW, 500) == 500
    assert found.previous(NOW) == utc("2026-11-20T10:42:17")


def test_previous_finds_the_end_of_a_burst_long_ago() -> None:
    found = rule("FREQ=SECONDLY;BYMONTH=1;BYMONTHDAY=1;UNTIL=20200601", starts_at="2019-01-01T00:00")
    assert found.previous(NOW) == utc("2020-01-01T23:59:59")


@pytest.mark.parametrize("offset", [-14, 0, 14])
@pytest.mark.parametrize(
    "text", ["FREQ=SECONDLY;INTERVAL=7", "FREQ=YEARLY;BYDAY=MO;BYSETPOS=-1", "0 2 * * *"]
)
def test_the_edges_of_datetime_are_no_errors(text: str, offset: int) -> None:
    found = rule(text, "Pacific/Kiritimati", starts_at="2025-01-01T00:00")
    zone = timezone(timedelta(hours=offset))
    earliest, latest = (edge.replace(tzinfo=zone) for edge in (datetime.min, datetime.max))  # noqa: DTZ901 - it has one now
    assert found.next(earliest) == found.first
    assert found.previous(earliest) is None
    assert found.next(latest) is None
    assert found.previous(latest, inclusive=True) is not None
    assert found.count(earliest, latest, 5) == 5
    assert list(found.between(latest, earliest)) == []


def test_a_rule_runs_out_near_the_last_year() -> None:
    found = rule("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", starts_at="9990-01-01T00:00")
    assert len(list(found.all())) == 9


def test_naive_moments_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="aware"):
        since("* * * * *", 2025, "UTC").next(datetime(2025, 1, 1))  # noqa: DTZ001 - the mistake
