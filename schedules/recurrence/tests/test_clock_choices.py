"""dst_gap and dst_fold for every kind of rule, and what is told of an instant that they touched."""

from typing import Any

import pytest

from schedules.recurrence import RecurrenceError, Rule, RuleSpec, parse

from .reading import local, rule, utc

# Europe/Berlin: 2027-03-28 02:00 -> 03:00, 2026-10-25 03:00 -> 02:00.
DAILY = "DTSTART;TZID=Europe/Berlin:{day}T023000\nRRULE:FREQ=DAILY"
HOURLY = "DTSTART;TZID=Europe/Berlin:{day}T013000\nRRULE:FREQ=HOURLY"
SPRING, AUTUMN = "20270328", "20261025"


def chosen(kind: str, day: str, **choice: Any) -> Rule:
    if kind == "cron":
        start = f"{day[:4]}-{day[4:6]}-{day[6:]}T00:00+01:00"
        return rule("30 2 * * *", "Europe/Berlin", starts_at=utc(start), **choice)
    if kind == "every":
        before = {SPRING: "2027-03-27T02:30+01:00", AUTUMN: "2026-10-24T02:30+02:00"}[day]
        spec = RuleSpec(every_x_days=1, timezone="Europe/Berlin", starts_at=utc(before), **choice)
        return parse(spec)
    return rule({"daily": DAILY, "hourly": HOURLY}[kind].format(day=day), **choice)


def local_times(found: Rule, day: str, count: int) -> list[str]:
    start = utc(f"{day[:4]}-{day[4:6]}-{day[6:]}T00:00+01:00").isoformat()
    return [text[8:16] + text[19:22] for text in local(found, count, after=start)]


GAPS = [
    ("daily", "auto", ["28 03:30+02", "29 02:30+02"]),
    ("daily", "skip", ["29 02:30+02", "30 02:30+02"]),
    ("daily", "shift", ["28 03:30+02", "29 02:30+02"]),
    ("daily", "after", ["28 03:00+02", "29 02:30+02"]),
    ("every", "skip", ["29 02:30+02", "30 02:30+02"]),
    ("every", "after", ["28 03:00+02", "29 02:30+02"]),
    ("cron", "auto", ["28 03:00+02", "29 02:30+02"]),
    ("cron", "skip", ["29 02:30+02", "30 02:30+02"]),
    ("cron", "shift", ["28 03:30+02", "29 02:30+02"]),
    ("hourly", "auto", ["28 01:30+01", "28 03:30+02", "28 04:30+02"]),
    ("hourly", "shift", ["28 01:30+01", "28 03:30+02", "28 04:30+02"]),
    ("hourly", "after", ["28 01:30+01", "28 03:00+02", "28 03:30+02"]),
]


@pytest.mark.parametrize(("kind", "gap", "expected"), GAPS)
def test_times_that_do_not_exist(kind: str, gap: str, expected: list[str]) -> None:
    assert local_times(chosen(kind, SPRING, dst_gap=gap), SPRING, len(expected)) == expected


FOLDS = [
    ("daily", "auto", ["25 02:30+02", "26 02:30+01"]),
    ("daily", "last", ["25 02:30+01", "26 02:30+01"]),
    ("daily", "both", ["25 02:30+02", "25 02:30+01", "26 02:30+01"]),
    ("every", "last", ["25 02:30+01", "26 02:30+01"]),
    ("every", "both", ["25 02:30+02", "25 02:30+01", "26 02:30+01"]),
    ("cron", "last", ["25 02:30+01", "26 02:30+01"]),
    ("cron", "both", ["25 02:30+02", "25 02:30+01", "26 02:30+01"]),
    ("hourly", "auto", ["25 01:30+02", "25 02:30+02", "25 02:30+01", "25 03:30+01"]),
    ("hourly", "first", ["25 01:30+02", "25 02:30+02", "25 03:30+01"]),
    ("hourly", "last", ["25 01:30+02", "25 02:30+01", "25 03:30+01"]),
]


@pytest.mark.parametrize(("kind", "fold", "expected"), FOLDS)
def test_times_that_exist_twice(kind: str, fold: str, expected: list[str]) -> None:
    assert local_times(chosen(kind, AUTUMN, dst_fold=fold), AUTUMN, len(expected)) == expected


MOVED = "02:30 does not exist on 2027-03-28: moved to "
NOTES = [
    ("daily", SPRING, {}, "2027-03-28T03:30+02:00", MOVED + "03:30"),
    ("daily", SPRING, {"dst_gap": "after"}, "2027-03-28T03:00+02:00", MOVED + "03:00"),
    ("cron", SPRING, {}, "2027-03-28T03:00+02:00", MOVED + "03:00"),
    ("every", SPRING, {}, "2027-03-28T03:30+02:00", MOVED + "03:30"),
    ("daily", SPRING, {}, "2027-03-29T02:30+02:00", None),
    ("every", SPRING, {}, "2027-03-29T02:30+02:00", None),
    ("hourly", SPRING, {}, "2027-03-28T03:30+02:00", None),
    (
        "hourly",
        SPRING,
        {"dst_gap": "shift"},
        "2027-03-28T03:30+02:00",
        "02:30 does not exist on 2027-03-28: it falls together with 03:30",
    ),
    ("daily", AUTUMN, {}, "2026-10-25T02:30+02:00", "the first of two 02:30 on 2026-10-25"),
    (
        "every",
        AUTUMN,
        {"dst_fold": "last"},
        "2026-10-25T02:30+01:00",
        "the second of two 02:30 on 2026-10-25",
    ),
    ("hourly", AUTUMN, {}, "2026-10-25T02:30+01:00", "the second of two 02:30 on 2026-10-25"),
    ("hourly", AUTUMN, {}, "2026-10-25T03:30+01:00", None),
    ("daily", AUTUMN, {}, "2026-10-25T02:30+01:00", None),  # it is no instant of this rule
]


@pytest.mark.parametrize(("kind", "day", "choice", "at", "expected"), NOTES)
def test_what_a_clock_change_did_is_told(
    kind: str, day: str, choice: dict[str, str], at: str, expected: str | None
) -> None:
    assert chosen(kind, day, **choice).note(utc(at)) == expected


def test_a_day_that_a_zone_skipped_is_told_with_the_day_it_went_to() -> None:
    daily = rule("DTSTART;TZID=Pacific/Apia:20111229T100000\nRRULE:FREQ=DAILY")
    note = daily.note(utc("2011-12-31T10:00+14:00"))
    assert note == "10:00 does not exist on 2011-12-30: it falls together with 10:00 on 2011-12-31"


def test_seconds_are_told_where_there_are_any() -> None:
    daily = rule("DTSTART;TZID=Europe/Berlin:20270327T020005\nRRULE:FREQ=DAILY")
    assert (
        daily.note(utc("2027-03-28T03:00:05+02:00"))
        == "02:00:05 does not exist on 2027-03-28: moved to 03:00:05"
    )


def test_notes_reach_through_sets_and_ends() -> None:
    text = DAILY.format(day=SPRING) + ";COUNT=3\nRDATE:20270501T090000\nEXDATE:20270329"
    found = rule(text)
    assert found.note(utc("2027-03-28T03:30+02:00")) == MOVED + "03:30"
    assert found.note(utc("2027-05-01T09:00+02:00")) is None


def test_dates_are_read_as_the_rule_is() -> None:
    text = DAILY.format(day="20270327") + ";COUNT=3\nEXDATE:20270328T023000"
    for gap in ("auto", "shift", "after"):
        assert len(list(rule(text, dst_gap=gap).all())) == 2
    text = DAILY.format(day="20261024") + ";COUNT=4\nEXDATE:20261025T023000"
    assert len(list(rule(text, dst_fold="both").all())) == 2


@pytest.mark.parametrize(("field", "value"), [("dst_gap", "first"), ("dst_fold", "skip"), ("dst_gap", None)])
def test_another_choice_is_refused(field: str, value: object) -> None:
    with pytest.raises(RecurrenceError, match="must be one of auto") as refusal:
        parse(RuleSpec(cron="@daily", **{field: value}))  # type: ignore[arg-type] # wrong on purpose
    assert (refusal.value.field, refusal.value.code) == (field, "invalid")


def test_seconds_that_are_shifted_out_of_a_gap_are_counted_exactly() -> None:
    text = "DTSTART;TZID=Antarctica/Troll:20070117T023000\nRRULE:FREQ=SECONDLY;BYHOUR=1,2,8"
    found = rule(text, dst_gap="shift")  # 2007-03-25 01:00 -> 03:00
    low, high = utc("2007-03-25T00:00"), utc("2007-03-25T09:00")
    assert found.count(low, high, 10**9) == len(list(found.between(low, high))) > 10_000
