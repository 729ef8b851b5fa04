"""Several RRULEs, EXRULE, week numbers, dates, COUNT by arithmetic: what goes beyond one plain RRULE."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from schedules.recurrence import RecurrenceError, RuleSpec, describe, parse

from .reading import local, rule, utc, walls

START = "2025-01-01T09:00"


def days(text: str, count: int) -> list[str]:
    return [moment[:10] for moment in walls(rule(text, starts_at=START), count)]


def test_several_rules_are_one_set() -> None:
    text = "RRULE:FREQ=MONTHLY;BYMONTHDAY=1\nRRULE:FREQ=MONTHLY;BYMONTHDAY=15\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1,20"
    assert days(text, 4) == ["2025-01-01", "2025-01-15", "2025-01-20", "2025-02-01"]


def test_each_rule_has_its_own_end_and_phase() -> None:
    text = "RRULE:FREQ=DAILY;INTERVAL=3;COUNT=2\nRRULE:FREQ=DAILY;INTERVAL=5;UNTIL=20250112"
    assert days(text, 9) == ["2025-01-01", "2025-01-04", "2025-01-06", "2025-01-11"]


def test_exrule_takes_away_in_its_own_phase_long_after_it_began() -> None:
    text = "DTSTART:19700105T090000Z\nRRULE:FREQ=WEEKLY\nEXRULE:FREQ=WEEKLY;INTERVAL=2"
    odd = rule(text)
    found = odd.next(utc("2026-11-20T00:00"))
    assert found is not None
    assert (found - utc("1970-01-05T09:00")).days // 7 % 2 == 1


def test_exrule_counts_its_own_instants() -> None:
    text = "RRULE:FREQ=DAILY;COUNT=5\nEXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2"
    assert days(text, 9) == ["2025-01-02", "2025-01-04", "2025-01-05"]


def test_what_is_taken_away_is_never_added() -> None:
    text = "FREQ=DAILY;COUNT=2\nRDATE:20250105T090000\nEXDATE:20250105T090000\nEXRULE:FREQ=DAILY;COUNT=1"
    assert days(text, 9) == ["2025-01-02"]


WEEKS = [
    # 2026 has 53 weeks, 2025 and 2027 have 52. Week 1 of 2026 begins on 2025-12-29.
    ("BYWEEKNO=20;BYDAY=MO", ["2025-05-12", "2026-05-11"]),
    ("BYWEEKNO=20", ["2025-05-14", "2026-05-13"]),  # DTSTART is a Wednesday
    ("BYWEEKNO=1;BYDAY=MO,SU", ["2025-01-05", "2025-12-29", "2026-01-04", "2027-01-04"]),
    ("BYWEEKNO=53;BYDAY=MO,SU", ["2026-12-28", "2027-01-03", "2032-12-27"]),
    ("BYWEEKNO=-1;BYDAY=MO", ["2025-12-22", "2026-12-28", "2027-12-27"]),
    ("BYWEEKNO=-53;BYDAY=MO,SU", ["2025-12-29", "2026-01-04", "2031-12-29"]),
    ("BYWEEKNO=-52;BYDAY=MO", ["2026-01-05", "2027-01-04", "2028-01-03"]),
    ("BYWEEKNO=1;BYDAY=SU;WKST=SU", ["2026-01-04", "2027-01-03", "2028-01-02", "2028-12-31"]),
    ("BYWEEKNO=1;BYDAY=SU", ["2025-01-05", "2026-01-04", "2027-01-10"]),
    ("BYWEEKNO=1,53;BYMONTH=1;BYDAY=FR", ["2025-01-03", "2026-01-02", "2027-01-01", "2027-01-08"]),
    ("INTERVAL=2;BYWEEKNO=1;BYDAY=MO", ["2025-12-29", "2027-01-04", "2029-01-01"]),
    ("BYWEEKNO=1;BYDAY=MO,TU;BYSETPOS=-1", ["2025-12-30", "2027-01-05", "2028-01-04"]),
]


@pytest.mark.parametrize(("parts", "expected"), WEEKS)
def test_weeks_have_numbers(parts: str, expected: list[str]) -> None:
    assert days(f"FREQ=YEARLY;{parts}", len(expected)) == expected


def test_a_numbered_weekday_beside_days_counts_in_the_year() -> None:
    assert days("FREQ=YEARLY;BYMONTHDAY=8;BYDAY=2WE", 2) == ["2025-01-08", "2031-01-08"]
    assert days("FREQ=YEARLY;BYYEARDAY=1,8,100;BYDAY=2WE", 2) == ["2025-01-08", "2031-01-08"]


DATES = [
    ("DTSTART;VALUE=DATE:20250101\nRRULE:FREQ=DAILY;COUNT=1", ["2025-01-01 00:00:00+0900"]),
    (
        "DTSTART;VALUE=DATE:20250101\nRRULE:FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30;BYSECOND=5;COUNT=2",
        ["2025-01-01 00:00:00+0900", "2025-01-02 00:00:00+0900"],
    ),
    ("DTSTART:20250101\nRRULE:FREQ=DAILY;COUNT=1", ["2025-01-01 00:00:00+0900"]),
    (
        "DTSTART;TZID=Asia/Tokyo:20250101T090000\nRRULE:FREQ=DAILY;COUNT=1\nRDATE;VALUE=DATE:20250301",
        ["2025-01-01 09:00:00+0900", "2025-03-01 09:00:00+0900"],
    ),
    (
        "DTSTART:20250101T090000\nRRULE:FREQ=DAILY;BYHOUR=0,9,23;COUNT=7\nEXDATE;VALUE=DATE:20250102,20250103",
        ["2025-01-01 09:00:00+0900", "2025-01-01 23:00:00+0900"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), DATES)
def test_dates_without_a_time(text: str, expected: list[str]) -> None:
    assert local(rule(text, "Asia/Tokyo"), 9) == expected


def test_a_day_without_midnight_begins_after_the_gap() -> None:
    text = "DTSTART;VALUE=DATE:20250308\nRRULE:FREQ=HOURLY\nEXDATE:20250309"
    havana = rule(text, "America/Havana")  # 2025-03-09 00:00 -> 01:00
    assert local(havana, 2, "2025-03-09T03:30") == ["2025-03-08 23:00:00-0500", "2025-03-10 00:00:00-0400"]


WARNED = [
    ("DTSTART:20250101T090000Z\nFREQ=WEEKLY;BYDAY=FR", "DTSTART, 2025-01-01 09:00:00, does not match"),
    ("DTSTART:20250101T090000Z\nFREQ=WEEKLY;BYDAY=WE", ""),
    ("DTSTART:20250101T090000Z\nFREQ=WEEKLY;BYDAY=FR\nRDATE:20250101T090000Z", ""),
    ("DTSTART:20250101T090000Z\nFREQ=DAILY\nRDATE:20240101T090000Z", "RDATE names a time before the start"),
    (
        "DTSTART:20250101T090000Z\nFREQ=DAILY\nEXRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "EXRULE takes nothing",
    ),
    ("DTSTART:20250101T090000Z\nFREQ=DAILY\nEXRULE:FREQ=WEEKLY;BYDAY=SA;BYHOUR=10", "EXRULE takes nothing"),
    ("DTSTART:20250101T090000Z\nFREQ=DAILY\nEXRULE:FREQ=WEEKLY;BYDAY=SA", ""),
    ("DTSTART:20250101T090000Z\nFREQ=DAILY\nEXDATE:20250105T090000Z", ""),
    ("DTSTART:20250101T090000Z\nFREQ=DAILY\nEXDATE:20250101T090000Z", ""),
    ("DTSTART:20250101T090000Z\nFREQ=WEEKLY;BYDAY=FR\nEXDATE:20250103T090000Z", "does not match the rule"),
    ("DTSTART:20250101T090000Z\nFREQ=DAILY\nEXDATE:20250105T000000Z", "EXDATE takes nothing away"),
    ("DTSTART:20250101T090000Z\nFREQ=DAILY\nEXDATE:20241231T090000Z", "at that time: 2024-12-31 09:00:00"),
    ("DTSTART:20250101T090000Z\nFREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20250104", "EXDATE takes nothing away"),
    ("DTSTART:20250101T090000Z\nFREQ=DAILY\nEXDATE:20250101T110000Z\nRDATE:20250101T110000Z", ""),
    ("DTSTART;VALUE=DATE:20250101\nFREQ=DAILY;BYHOUR=9", "BYHOUR is ignored"),
    ("DTSTART:20250101T090000Z\nFREQ=YEARLY;BYMONTHDAY=1,15", "the month of the start alone, January"),
    ("DTSTART:20250101T090000Z\nFREQ=YEARLY;BYMONTHDAY=1;BYYEARDAY=1", ""),
    ("DTSTART:20250131T090000Z\nFREQ=MONTHLY", "not every month has a 31st"),
    ("DTSTART:20250130T090000Z\nFREQ=MONTHLY;INTERVAL=2", "not every month has a 30th"),
    ("DTSTART:20250131T090000Z\nFREQ=MONTHLY;BYMONTHDAY=-1", ""),
    ("DTSTART:20250228T090000Z\nFREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,30", "none of its months has a 30th"),
    ("DTSTART:20240229T090000Z\nFREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29,30", "29 February is in leap years"),
    ("DTSTART:20250131T090000Z\nFREQ=YEARLY", ""),
    ("DTSTART:20240229T090000Z\nFREQ=YEARLY", "29 February is in leap years alone"),
    ("DTSTART:20250131T090000Z\nFREQ=MONTHLY;BYDAY=5FR", "not every month has a fifth Friday"),
    ("DTSTART:20250131T090000Z\nFREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", ""),
    ("DTSTART:20281231T090000Z\nFREQ=YEARLY;BYYEARDAY=366", "not every year has a 366th day"),
    ("DTSTART:20270101T090000Z\nFREQ=YEARLY;BYWEEKNO=53", "not every year has a week 53"),
    ("DTSTART:20250101T090000Z\nFREQ=YEARLY;BYDAY=53WE", "not every year has a 53rd Wednesday"),
    ("DTSTART:20250101T090000Z\nFREQ=YEARLY;COUNT=500", ""),
    ("DTSTART:20250101T090000Z\nFREQ=YEARLY;COUNT=8000", "would come after the year 9999"),
]


@pytest.mark.parametrize(("text", "words"), WARNED)
def test_what_the_user_may_not_have_meant_is_told(text: str, words: str) -> None:
    assert words in "; ".join(rule(text).warnings)
    assert bool(rule(text).warnings) == bool(words)


EVENLY = [
    ("FREQ=SECONDLY;COUNT=999999999", timedelta(seconds=1)),
    ("FREQ=MINUTELY;INTERVAL=7;COUNT=1000000", timedelta(minutes=7)),
    ("FREQ=HOURLY;COUNT=1000000", timedelta(hours=1)),
    ("FREQ=DAILY;COUNT=100000", timedelta(days=1)),
    ("FREQ=WEEKLY;COUNT=20000", timedelta(weeks=1)),
]


@pytest.mark.parametrize(("text", "step"), EVENLY)
def test_any_count_of_an_even_rule_is_arithmetic(text: str, step: timedelta) -> None:
    count = int(text.rpartition("=")[2])
    found = rule(text, starts_at=START)
    last = utc(START) + (count - 1) * step
    assert found.previous(utc("9999-01-01T00:00")) == last
    assert found.next(last) is None


COUNTED = [
    ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=10000", "2063-05-01T09:00"),
    ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=1200", "2124-12-31T09:00"),
    ("FREQ=MONTHLY;BYDAY=MO,FR;BYSETPOS=-1;COUNT=1000", "2108-04-30T09:00"),
    ("FREQ=SECONDLY;INTERVAL=7;BYHOUR=9,10;COUNT=1000000", None),
]


@pytest.mark.parametrize(("text", "last"), COUNTED)
def test_count_is_found_where_rules_are_less_even(text: str, last: str | None) -> None:
    found = rule(text, starts_at=START)
    end = found.previous(utc("9999-01-01T00:00"))
    assert end is not None
    assert found.count(utc(START), utc("9999-01-01T00:00"), 10**10) == int(text.rpartition("=")[2])
    assert last is None or end == utc(last)


FAR = [
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=700", "UTC", None),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=2000", "Europe/Berlin", None),
    ("FREQ=YEARLY;COUNT=500", "Asia/Tokyo", "2524-01-01T09:00"),
    ("FREQ=YEARLY;COUNT=2000", "UTC", "4024-01-01T09:00"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;COUNT=100", "UTC", None),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;COUNT=50", "UTC", None),
    ("FREQ=YEARLY;INTERVAL=3;COUNT=150", "UTC", "2472-01-01T09:00"),
    ("FREQ=DAILY;INTERVAL=10;COUNT=20000", "UTC", "2572-07-22T09:00"),
    ("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30;COUNT=400000", "Europe/Berlin", None),
    ("FREQ=HOURLY;BYHOUR=2;COUNT=200000", "Australia/Lord_Howe", None),
    ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=50000", "Africa/Casablanca", None),
]


@pytest.mark.parametrize(("text", "zone", "last"), FAR)
def test_a_count_is_never_ignored_however_far_it_reaches(text: str, zone: str, last: str | None) -> None:
    found = rule(text, zone, starts_at=START)
    end = found.previous(utc("9999-01-01T00:00"))
    assert end is not None
    assert end > utc("2425-01-01T09:00")
    assert found.warnings == ()
    endless = rule(text.rpartition(";")[0], zone, starts_at=START)
    assert endless.count(utc(START), end + timedelta(seconds=1), 10**10) == int(text.rpartition("=")[2])
    assert endless.names(end)
    assert last is None or end == utc(last).replace(tzinfo=end.tzinfo)


def test_a_count_that_no_arithmetic_reaches_is_refused() -> None:
    with pytest.raises(RecurrenceError, match="use UNTIL"):
        rule("FREQ=YEARLY;INTERVAL=7;COUNT=1000", "Europe/Berlin", starts_at=START)


SETS = [
    ("RRULE:FREQ=SECONDLY\nEXRULE:FREQ=SECONDLY;BYHOUR=2", 365 * 23 * 3_600),
    ("RRULE:FREQ=MINUTELY\nRRULE:FREQ=SECONDLY;INTERVAL=30", 365 * 24 * 120),
    ("RRULE:FREQ=MINUTELY;INTERVAL=2\nRRULE:FREQ=MINUTELY;INTERVAL=3", 365 * 24 * 40),
    ("RRULE:FREQ=HOURLY\nEXRULE:FREQ=HOURLY;INTERVAL=2\nRDATE:20250101T100000,20250101T103000", 365 * 12 + 1),
    (
        "RRULE:FREQ=SECONDLY\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20250105\nEXDATE:20250106T000000",
        364 * 86_400 - 1,
    ),
]


@pytest.mark.parametrize(("text", "expected"), SETS)
def test_sets_are_counted_to_the_last_instant(text: str, expected: int) -> None:
    found = rule(text, starts_at=START)
    low, high = utc("2025-01-01T09:00"), utc("2026-01-01T09:00")
    assert found.count(low, high, 10**9) == expected
    assert found.count(low, high, 10_001) == min(expected, 10_001)


@pytest.mark.parametrize("fold", ["auto", "last", "both"])
@pytest.mark.parametrize("gap", ["auto", "skip", "after"])
def test_sets_are_counted_as_they_are_walked_where_clocks_change(gap: str, fold: str) -> None:
    text = "RRULE:FREQ=DAILY;BYHOUR=2;BYMINUTE=0,30\nRRULE:FREQ=HOURLY\nRRULE:FREQ=MINUTELY;INTERVAL=45"
    found = rule(text, "Europe/Berlin", starts_at=START, dst_gap=gap, dst_fold=fold)
    for day in ("2025-03-30", "2025-10-26"):
        edges = [utc(f"{day}T00:00") + timedelta(minutes=15 * step) for step in range(-4, 20)]
        for low, high in pairwise(edges):
            assert found.count(low, high, 10**9) == len(list(found.between(low, high))), low
        assert found.count(edges[0], edges[-1], 10**9) == len(list(found.between(edges[0], edges[-1])))


def test_a_count_is_the_same_after_a_clock_change() -> None:
    text = "DTSTART;TZID=Europe/Berlin:20250101T000000\nRRULE:FREQ=HOURLY;COUNT=8760"
    assert rule(text).previous(utc("2030-01-01T00:00")) == utc("2025-12-31T22:00")


@pytest.mark.parametrize(
    "text", ["FREQ=SECONDLY", "FREQ=SECONDLY;BYHOUR=9;INTERVAL=2", "FREQ=MINUTELY;INTERVAL=7"]
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe"])
def test_a_range_is_counted_as_its_parts_are(text: str, zone: str) -> None:
    found = parse(RuleSpec(rrule=text, timezone=zone, starts_at=utc("1970-01-01T00:00:03")))
    edges = [utc(f"2025-{month:02}-05T0{month % 10}:13:37") for month in range(1, 13)]
    parts = [found.count(low, high, 10**9) for low, high in pairwise(edges)]
    assert found.count(edges[0], edges[-1], 10**9) == sum(parts)
    assert found.count(edges[0], edges[-1], 1_000) == 1_000


def test_dates_alone_are_a_rule() -> None:
    text = "DTSTART;TZID=Europe/Berlin:20260101T090000\nRDATE:20261224T090000,20261231T120000\nEXDATE:20261231T120000"
    rule = parse(RuleSpec(rrule=text))
    assert list(rule.all()) == [datetime(2026, 12, 24, 8, tzinfo=UTC)]
    assert rule.count(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), 10) == 1
    assert describe(RuleSpec(rrule=text)) == "On 24 December 2026 at 09:00 Europe/Berlin"
    assert not any("takes nothing away" in warning for warning in rule.warnings)


def test_exceptions_alone_are_none() -> None:
    with pytest.raises(RecurrenceError, match="or RDATE line"):
        parse(RuleSpec(rrule="DTSTART:20260101T090000Z\nEXDATE:20261224T090000Z"))
