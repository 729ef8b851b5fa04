"""every_x_days, every_x_hours, every_x_minutes and every_x_seconds."""

from itertools import pairwise
from typing import Any

import pytest

from schedules.recurrence import RecurrenceError, Rule, RuleSpec, parse

from .calls import bounded
from .reading import assert_refused, local, utc


def every(
    days: int | None = None,
    hours: int | None = None,
    minutes: int | None = None,
    seconds: int | None = None,
    *,
    starts_at: str,
    zone: str = "UTC",
    ends_at: str | None = None,
) -> Rule:
    return parse(
        RuleSpec(
            every_x_days=days,
            every_x_hours=hours,
            every_x_minutes=minutes,
            every_x_seconds=seconds,
            timezone=zone,
            starts_at=utc(starts_at),
            ends_at=utc(ends_at) if ends_at else None,
        )
    )


def test_the_start_is_the_first_instant() -> None:
    assert every(2, starts_at="2025-01-01T09:30").first == utc("2025-01-01T09:30")


def test_fractions_of_a_second_are_rounded_up() -> None:
    assert every(hours=1, starts_at="2025-01-01T09:30:59.000001").first == utc("2025-01-01T09:31")


def test_days_keep_the_wall_clock_across_both_clock_changes() -> None:
    spring = every(1, starts_at="2025-03-29T08:00+01:00", zone="Europe/Berlin")
    assert local(spring, 3) == [
        "2025-03-29 08:00:00+0100",
        "2025-03-30 08:00:00+0200",
        "2025-03-31 08:00:00+0200",
    ]
    autumn = every(1, starts_at="2025-10-25T08:00+02:00", zone="Europe/Berlin")
    assert local(autumn, 2) == ["2025-10-25 08:00:00+0200", "2025-10-26 08:00:00+0100"]


def test_hours_are_elapsed_time_across_both_clock_changes() -> None:
    spring = every(hours=12, starts_at="2025-03-29T20:00+01:00", zone="Europe/Berlin")
    assert local(spring, 2) == ["2025-03-29 20:00:00+0100", "2025-03-30 09:00:00+0200"]
    autumn = every(hours=12, starts_at="2025-10-25T20:00+02:00", zone="Europe/Berlin")
    assert local(autumn, 2) == ["2025-10-25 20:00:00+0200", "2025-10-26 07:00:00+0100"]


def test_both_add_up_and_never_drift() -> None:
    rule = every(1, 1, starts_at="2025-03-28T01:30+01:00", zone="Europe/Berlin")
    assert local(rule, 4) == [
        "2025-03-28 01:30:00+0100",
        "2025-03-29 02:30:00+0100",
        "2025-03-30 04:30:00+0200",  # two days on is 01:30, two hours on is past the gap
        "2025-03-31 04:30:00+0200",
    ]


def test_all_four_add_up() -> None:
    rule = every(1, 1, 1, 1, starts_at="2025-03-28T01:30+01:00", zone="Europe/Berlin")
    assert local(rule, 4) == [
        "2025-03-28 01:30:00+0100",
        "2025-03-29 02:31:01+0100",
        "2025-03-30 04:32:02+0200",
        "2025-03-31 04:33:03+0200",
    ]


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ({"minutes": 90}, {"hours": 1, "minutes": 30}),
        ({"seconds": 5_400}, {"hours": 1, "minutes": 30}),
        ({"minutes": 60}, {"hours": 1}),
        ({"days": 2, "hours": 24}, {"days": 2, "minutes": 1_440}),
        ({"days": 2, "hours": 24}, {"days": 2, "hours": 23, "seconds": 3_600}),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Australia/Lord_Howe"])
def test_what_adds_up_to_the_same_is_the_same(given: dict[str, Any], same: dict[str, Any], zone: str) -> None:
    one, other = (every(**rule, starts_at="2025-01-01T09:30", zone=zone) for rule in (given, same))
    end = utc("2026-01-01T00:00")
    assert list(one.between(utc("2025-01-01T00:00"), end)) == list(
        other.between(utc("2025-01-01T00:00"), end)
    )


def test_seconds_run_through_both_passes_of_a_fold_and_over_a_gap() -> None:
    rule = every(seconds=1_800, starts_at="2025-01-01T00:00", zone="Europe/Berlin")
    for day in ("2025-03-30", "2025-10-26"):
        assert len(list(rule.between(utc(f"{day}T00:00"), utc(f"{day}T03:00")))) == 6


@pytest.mark.parametrize("seconds", [1, 7, 90, 86_400, 2_000_000_000])
def test_the_next_of_an_old_rule_keeps_its_phase(seconds: int) -> None:
    rule = every(seconds=seconds, starts_at="1970-01-01T00:00")
    with bounded(100):
        found = rule.next(utc("2026-11-20T12:00"))
    assert found is not None
    assert found.timestamp() % seconds == 0
    assert 0 < (found - utc("2026-11-20T12:00")).total_seconds() <= seconds


def test_a_day_in_the_gap_is_shifted_and_a_day_in_the_fold_is_the_first() -> None:
    spring = every(1, starts_at="2025-03-29T02:30+01:00", zone="Europe/Berlin")
    assert local(spring, 3)[1:] == ["2025-03-30 03:30:00+0200", "2025-03-31 02:30:00+0200"]
    autumn = every(1, starts_at="2025-10-25T02:30+02:00", zone="Europe/Berlin")
    assert local(autumn, 2)[1] == "2025-10-26 02:30:00+0200"


def test_a_start_in_the_second_pass_of_a_fold_is_kept() -> None:
    rule = every(1, starts_at="2025-10-26T02:30+01:00", zone="Europe/Berlin")
    assert local(rule, 2) == ["2025-10-26 02:30:00+0100", "2025-10-27 02:30:00+0100"]


def test_a_day_that_a_zone_skipped_falls_on_the_next_and_counts_once() -> None:
    rule = every(1, starts_at="2011-12-29T10:00-10:00", zone="Pacific/Apia")
    assert local(rule, 3) == [
        "2011-12-29 10:00:00-1000",
        "2011-12-31 10:00:00+1400",
        "2012-01-01 10:00:00+1400",
    ]


def test_the_end_is_inclusive() -> None:
    rule = every(1, starts_at="2025-01-01T00:00", ends_at="2025-01-03T00:00")
    assert len(list(rule.all())) == 3
    assert rule.next(utc("2025-01-03T00:00")) is None
    assert rule.previous(utc("2030-01-01T00:00")) == utc("2025-01-03T00:00")


@pytest.mark.parametrize(("days", "hours"), [(1, None), (7, None), (None, 1), (None, 36), (1, 1), (30, 5)])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
def test_every_instant_is_start_plus_k_steps(days: int | None, hours: int | None, zone: str) -> None:
    rule = every(days, hours, starts_at="2011-01-01T13:15", zone=zone)
    walked = list(rule.between(utc("2011-12-25T00:00"), utc("2012-04-30T00:00")))
    for one, other in pairwise(walked):
        assert rule.next(one) == other
        assert rule.previous(other) == one


@pytest.mark.parametrize(("days", "hours"), [(1, None), (None, 5), (1, 5), (3, 25)])
@pytest.mark.parametrize("zone", ["UTC", "Australia/Lord_Howe", "Pacific/Apia"])
def test_a_range_is_counted_as_it_is_walked(days: int | None, hours: int | None, zone: str) -> None:
    rule = every(days, hours, starts_at="1970-01-01T13:15", zone=zone)
    low, high = utc("2011-06-25T00:00"), utc("2012-07-30T00:00")
    with bounded(100_000):
        assert rule.count(low, high, 10**9) == len(list(rule.between(low, high)))


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("every_x_days", 0, "min_value"),
        ("every_x_hours", -1, "min_value"),
        ("every_x_days", True, "invalid"),
        ("every_x_hours", 1.5, "invalid"),
        ("every_x_days", "2", "invalid"),
        ("every_x_hours", 10**30, "max_value"),
        ("every_x_minutes", 0, "min_value"),
        ("every_x_seconds", 0.5, "invalid"),
        ("every_x_seconds", 2_000_000_001, "max_value"),
    ],
)
def test_only_whole_numbers_from_one(field: str, value: object, code: str) -> None:
    spec = RuleSpec(**{field: value, "starts_at": utc("2025-01-01T00:00")})  # type: ignore[arg-type] # on purpose
    assert_refused(spec, field, code)


def test_the_start_is_required() -> None:
    with pytest.raises(RecurrenceError, match="starts_at is required") as refusal:
        parse(RuleSpec(every_x_days=1))
    assert (refusal.value.field, refusal.value.code) == ("starts_at", "required")


def test_beyond_the_last_year_there_is_nothing() -> None:
    rule = every(2_000_000_000, starts_at="2025-01-01T00:00")
    assert rule.next(utc("2025-01-01T00:00")) is None
    assert every(hours=1, starts_at="2025-01-01T00:00").next(utc("9999-12-31T23:00")) is None
