"""Rules made to be dear: each search ends within its budget, with an answer or with the reason."""

import tracemalloc
from contextlib import suppress
from datetime import datetime, timedelta
from inspect import unwrap
from itertools import islice

import pytest

from schedules.recurrence import SEARCH_STEPS, RecurrenceError, RuleSpec, parse
from schedules.recurrence.parsing import _parse

from .calls import A_PARSE, A_SEARCH, bounded
from .reading import rule, utc

START = utc("1970-01-01T00:00")
NOW = utc("2026-11-20T10:42:17")
TIMES = "BYHOUR=1,2,3,4,5,6,7,8"

SPARSE = [
    "FREQ=SECONDLY;INTERVAL=86399;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
    "FREQ=SECONDLY;INTERVAL=999983;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=SECONDLY;INTERVAL=999983;BYHOUR=3;BYMONTHDAY=31",
    "FREQ=SECONDLY;INTERVAL=999999937;BYMONTH=3",
    "FREQ=MINUTELY;INTERVAL=1009;BYMONTHDAY=13;BYDAY=FR;BYHOUR=3;BYMINUTE=7",
    "FREQ=MINUTELY;INTERVAL=99991;BYHOUR=3;BYMINUTE=1,2,3;BYMONTHDAY=31",
    "FREQ=HOURLY;INTERVAL=9973;BYMONTHDAY=31;BYDAY=TU",
    "FREQ=HOURLY;BYHOUR=2;BYMINUTE=30;BYMONTH=3;BYDAY=SU;BYMONTHDAY=25,26,27,28,29,30,31",
    "FREQ=DAILY;INTERVAL=97;BYMONTHDAY=29;BYMONTH=2",
    "FREQ=DAILY;INTERVAL=10007;BYDAY=MO;BYMONTH=2",
    "FREQ=WEEKLY;INTERVAL=53;BYMONTH=2;BYDAY=MO",
    "FREQ=MONTHLY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=29",
    f"FREQ=MONTHLY;BYSETPOS=248;BYDAY=MO,TU,WE,TH,FR,SA,SU;{TIMES}",
    f"FREQ=MONTHLY;BYSETPOS=249;BYDAY=MO,TU,WE,TH,FR,SA,SU;{TIMES}",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
    "FREQ=YEARLY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
    "FREQ=YEARLY;BYDAY=MO;BYMONTHDAY=1;BYMONTH=1;BYSETPOS=2",
    "FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=3;BYDAY=SU",
    "FREQ=YEARLY;BYDAY=53MO,-53TU;INTERVAL=11;BYMONTHDAY=31",
    "FREQ=DAILY\nEXRULE:FREQ=DAILY",
    "FREQ=MINUTELY\nEXRULE:FREQ=MINUTELY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29\nEXRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=80",
    "FREQ=MINUTELY;COUNT=999999999",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;COUNT=4000",
    "FREQ=SECONDLY;INTERVAL=7;BYHOUR=9,10;COUNT=1000000",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;COUNT=50",
]


@pytest.mark.parametrize("text", SPARSE)
def test_every_search_ends(text: str) -> None:
    spec = RuleSpec(rrule=text, timezone="Europe/Berlin", starts_at=START)
    with suppress(RecurrenceError):
        with bounded(A_PARSE):
            found = unwrap(_parse)(spec, 1)
        for question in (found.next, found.previous):
            with bounded(A_SEARCH), suppress(RecurrenceError):
                question(NOW)


def test_looking_back_over_thousands_of_years_ends_too() -> None:
    found = rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;COUNT=2", "Europe/Berlin", starts_at=START)
    with bounded(A_SEARCH):
        assert found.previous(utc("9000-01-01T00:00")) == utc("1976-02-29T00:00")


def test_what_is_sparse_but_real_is_found() -> None:
    leap_monday = rule("FREQ=SECONDLY;INTERVAL=86399;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", starts_at=START)
    found = leap_monday.next(NOW)
    assert found is not None
    assert f"{found:%F}" == "2044-02-29"
    assert found.timestamp() % 86_399 == 0
    century = rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=0", starts_at="2096-02-29T00:00")
    assert century.next(utc("2096-02-29T00:00")) == utc("2104-02-29T00:00")


def test_a_search_that_is_given_up_is_an_error_not_an_end() -> None:
    text = "FREQ=MINUTELY\nEXRULE:FREQ=MINUTELY;BYMONTH=3"
    found = rule(text, starts_at="2026-01-01T00:00")
    with pytest.raises(RecurrenceError) as refusal:
        found.next(utc("2026-02-28T23:59"))
    assert refusal.value.code == "too_sparse"
    assert "2026-02-28" in refusal.value.detail
    assert found.next(utc("2026-03-31T23:58")) == utc("2026-04-01T00:00")


def test_too_many_to_be_counted_is_refused_with_the_way_out() -> None:
    with pytest.raises(RecurrenceError, match="use UNTIL") as refusal:
        parse(RuleSpec(rrule="FREQ=DAILY;BYSETPOS=1;BYHOUR=9,10;COUNT=100000", starts_at=START))
    assert refusal.value.code == "unsupported"


DEAR = "RRULE:FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMINUTE=7;BYSECOND=11"
"""It takes thousands of days until this comes to pass, and again until it does so again."""


def test_many_dear_lines_cost_no_more_than_a_few() -> None:
    with bounded(A_PARSE), pytest.raises(RecurrenceError) as refusal:
        parse(RuleSpec(rrule="\n".join([DEAR] * 29), starts_at=NOW))
    assert refusal.value.code == "too_sparse"


def test_many_lines_with_a_count_cost_no_more_than_a_few() -> None:
    lines = [f"RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYSETPOS=1;COUNT={count}" for count in range(30, 63)]
    with bounded(A_SEARCH), pytest.raises(RecurrenceError, match="use UNTIL"):
        parse(RuleSpec(rrule="\n".join(lines), starts_at=NOW))


def test_a_dear_line_does_not_slow_one_that_occurs_often() -> None:
    found = rule(f"{DEAR}\nRRULE:FREQ=MINUTELY", starts_at="2026-11-20T10:00")
    with bounded(500):
        assert found.next(NOW) == utc("2026-11-20T10:43")


def test_instants_that_are_asked_for_together_share_what_they_may_cost() -> None:
    found = rule(DEAR, starts_at=NOW)
    results: list[datetime] = []
    with bounded(2 * A_SEARCH), pytest.raises(RecurrenceError, match="given up"):
        results.extend(found.between(NOW, utc("9999-01-01T00:00"), steps=SEARCH_STEPS))
    assert results == list(islice(found.between(NOW, utc("9999-01-01T00:00")), len(results)))
    assert len(results) > 5


def test_whether_an_instant_is_named_is_seen_without_a_search() -> None:
    found = rule(DEAR, starts_at=NOW, ends_at="4000-01-01T00:00")
    first = found.first
    assert first is not None
    with bounded(500):
        assert found.names(first)
        assert not found.names(first + timedelta(days=1))
        assert not found.names(first + timedelta(microseconds=1))
        assert not found.names(utc("9999-12-31T23:59:59"))


def test_what_is_only_shown_is_counted_cheaply() -> None:
    found = rule("FREQ=MINUTELY", "Europe/Berlin", starts_at=START)
    assert found.count_cheaply(NOW, NOW + timedelta(days=1), 10_000) == 1_440
    assert found.count_cheaply(NOW, NOW + timedelta(days=1), 7) == 7
    with bounded(A_PARSE), pytest.raises(RecurrenceError, match="given up"):
        rule(DEAR, starts_at=NOW).count_cheaply(NOW, utc("9999-01-01T00:00"), 10**9)


def test_each_set_that_is_joined_costs_something() -> None:
    """Its bits are many, although few calls make them."""
    lines = [f"RRULE:FREQ=HOURLY;INTERVAL={2 + number};BYSECOND=0,1,{number}" for number in range(30)]
    few, many = (rule("\n".join(lines[:count]), starts_at=NOW) for count in (2, 30))
    end = NOW + timedelta(days=2 * 365)
    assert few.count_cheaply(NOW, end, 10**9) == few.count(NOW, end, 10**9) > 2 * 365 * 20
    with pytest.raises(RecurrenceError, match="given up"):
        many.count_cheaply(NOW, end, 10**9)


MANY_SECONDS = ",".join(map(str, range(59)))
LARGE = [
    f"FREQ=SECONDLY;INTERVAL=999983;BYSECOND={MANY_SECONDS}",
    "FREQ=SECONDLY;INTERVAL=7919;BYHOUR=1,2,3,4,5,6;COUNT=30000",
]


@pytest.mark.parametrize("text", LARGE)
def test_what_is_remembered_of_a_rule_is_small(text: str) -> None:
    """Thousands of rules are."""
    spec = RuleSpec(rrule=text, timezone="UTC", starts_at=NOW)
    unwrap(_parse)(spec, 1)
    tracemalloc.start()
    try:
        found = unwrap(_parse)(spec, 1)
        found.count(NOW, NOW + timedelta(days=3_000), 10**9)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 256 * 1024


def test_a_year_of_seconds_is_counted_in_a_few_steps() -> None:
    found = rule("FREQ=SECONDLY", "Europe/Berlin", starts_at=START)
    with bounded(500):
        assert found.count(utc("2025-11-20T10:00"), utc("2026-11-20T10:00"), 10**9) == 365 * 86_400


def test_previous_costs_a_few_times_as_much_as_next() -> None:
    for text in ("FREQ=DAILY;BYHOUR=9,10", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYMONTHDAY=-1"):
        found = rule(text, "Europe/Berlin", starts_at=START)
        with bounded(600):
            found.previous(NOW)
