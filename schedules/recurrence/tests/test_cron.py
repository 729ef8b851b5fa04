"""Cron expressions: what they name, and what the clock changes do to them."""

import pytest

from schedules.recurrence import RecurrenceError, RuleSpec, parse

from .reading import assert_refused, local, rule, utc, walls

NAMED = [
    ("0 9 * * *", ["2025-01-01 09:00", "2025-01-02 09:00"]),
    ("*/20 * * * *", ["2025-01-01 00:00", "2025-01-01 00:20", "2025-01-01 00:40", "2025-01-01 01:00"]),
    ("10/25 3 * * *", ["2025-01-01 03:10", "2025-01-01 03:35", "2025-01-02 03:10"]),
    ("0 9-17/4 * * *", ["2025-01-01 09:00", "2025-01-01 13:00", "2025-01-01 17:00", "2025-01-02 09:00"]),
    ("0 0 * jan-mar mon", ["2025-01-06 00:00", "2025-01-13 00:00"]),
    ("0 0 * * 7", ["2025-01-05 00:00", "2025-01-12 00:00"]),
    ("0 0 L * *", ["2025-01-31 00:00", "2025-02-28 00:00"]),
    ("0 0 LW * *", ["2025-01-31 00:00", "2025-02-28 00:00", "2025-03-31 00:00"]),
    ("0 0 * * 5L", ["2025-01-31 00:00", "2025-02-28 00:00"]),
    ("0 0 * * MON#2", ["2025-01-13 00:00", "2025-02-10 00:00"]),
    ("0 0 31 * *", ["2025-01-31 00:00", "2025-03-31 00:00"]),
    ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
    ("@hourly", ["2025-01-01 00:00", "2025-01-01 01:00"]),
    ("@daily", ["2025-01-01 00:00", "2025-01-02 00:00"]),
    ("@midnight", ["2025-01-01 00:00", "2025-01-02 00:00"]),
    ("@weekly", ["2025-01-05 00:00", "2025-01-12 00:00"]),
    ("@Monthly", ["2025-01-01 00:00", "2025-02-01 00:00"]),
    (" @yearly ", ["2025-01-01 00:00", "2026-01-01 00:00"]),
    ("@annually", ["2025-01-01 00:00", "2026-01-01 00:00"]),
]


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_an_expression_names(text: str, expected: list[str]) -> None:
    assert walls(rule(text, starts_at="2025-01-01T00:00"), len(expected)) == expected


def test_day_of_month_or_day_of_week_when_both_are_restricted() -> None:
    either = rule("0 0 13 * 5", starts_at="2025-01-01T00:00")
    assert walls(either, 3) == ["2025-01-03 00:00", "2025-01-10 00:00", "2025-01-13 00:00"]
    both = rule("0 0 */13 * 5", starts_at="2025-01-01T00:00")
    assert walls(both, 2) == ["2025-02-14 00:00", "2025-03-14 00:00"]


def test_cron_needs_no_start() -> None:
    assert parse(RuleSpec(cron="0 9 * * *")).next(utc("2025-01-01T10:00")) == utc("2025-01-02T09:00")


# Europe/Berlin: 2025-03-30 02:00 -> 03:00, 2025-10-26 03:00 -> 02:00.
# Australia/Lord_Howe: 2025-10-05 02:00 -> 02:30, 2025-04-06 02:00 -> 01:30.
# America/Havana: 2025-03-09 00:00 -> 01:00, 2025-11-02 01:00 -> 00:00.
# Pacific/Apia: there was no 2011-12-30.
CHANGES = [
    ("30 2 * * *", "Europe/Berlin", "2025-03-30", ["2025-03-30 03:00:00+0200", "2025-03-31 02:30:00+0200"]),
    ("30 2 * * *", "Europe/Berlin", "2025-10-26", ["2025-10-26 02:30:00+0200", "2025-10-27 02:30:00+0100"]),
    (
        "0,30 2,3 * * *",
        "Europe/Berlin",
        "2025-03-30",
        ["2025-03-30 03:00:00+0200", "2025-03-30 03:30:00+0200", "2025-03-31 02:00:00+0200"],
    ),
    (
        "30 * * * *",
        "Europe/Berlin",
        "2025-03-30",
        ["2025-03-30 00:30:00+0100", "2025-03-30 01:30:00+0100", "2025-03-30 03:30:00+0200"],
    ),
    (
        "30 */2 * * *",
        "Europe/Berlin",
        "2025-10-26",
        ["2025-10-26 00:30:00+0200", "2025-10-26 02:30:00+0200", "2025-10-26 02:30:00+0100"],
    ),
    (
        "*/30 2 * * *",
        "Europe/Berlin",
        "2025-10-26",
        [
            "2025-10-26 02:00:00+0200",
            "2025-10-26 02:30:00+0200",
            "2025-10-26 02:00:00+0100",
            "2025-10-26 02:30:00+0100",
            "2025-10-27 02:00:00+0100",
        ],
    ),
    ("*/30 2 * * *", "Europe/Berlin", "2025-03-30", ["2025-03-31 02:00:00+0200"]),
    ("@daily", "America/Havana", "2025-03-08", ["2025-03-08 00:00:00-0500", "2025-03-09 01:00:00-0400"]),
    ("@daily", "America/Havana", "2025-11-02", ["2025-11-02 00:00:00-0400", "2025-11-03 00:00:00-0500"]),
    (
        "@hourly",
        "America/Havana",
        "2025-11-02",
        ["2025-11-02 00:00:00-0400", "2025-11-02 00:00:00-0500", "2025-11-02 01:00:00-0500"],
    ),
    (
        "15 2 * * *",
        "Australia/Lord_Howe",
        "2025-10-05",
        ["2025-10-05 02:30:00+1100", "2025-10-06 02:15:00+1100"],
    ),
    (
        "45 1 * * *",
        "Australia/Lord_Howe",
        "2025-04-06",
        ["2025-04-06 01:45:00+1100", "2025-04-07 01:45:00+1030"],
    ),
    (
        "*/15 1,2 * * *",
        "Australia/Lord_Howe",
        "2025-04-06",
        [
            "2025-04-06 01:00:00+1100",
            "2025-04-06 01:15:00+1100",
            "2025-04-06 01:30:00+1100",
            "2025-04-06 01:45:00+1100",
            "2025-04-06 01:30:00+1030",
            "2025-04-06 01:45:00+1030",
            "2025-04-06 02:00:00+1030",
        ],
    ),
    (
        "0 10 * * *",
        "Pacific/Apia",
        "2011-12-29",
        ["2011-12-29 10:00:00-1000", "2011-12-31 00:00:00+1400", "2011-12-31 10:00:00+1400"],
    ),
    ("0 * * * *", "Pacific/Apia", "2011-12-29T23", ["2011-12-29 23:00:00-1000", "2011-12-31 00:00:00+1400"]),
]


@pytest.mark.parametrize(("text", "zone", "day", "expected"), CHANGES)
def test_clock_changes_are_met_as_debian_meets_them(
    text: str, zone: str, day: str, expected: list[str]
) -> None:
    moment = utc(day).replace(tzinfo=parse(RuleSpec(cron=text, timezone=zone)).zone)
    assert local(rule(text, zone, starts_at=moment), len(expected)) == expected


REFUSED = [
    ("", "invalid_cron", "expected 5 fields"),
    ("* * * *", "invalid_cron", "got 4"),
    ("* * * * * *", "invalid_cron", "FREQ=SECONDLY"),
    ("* * * * * * *", "invalid_cron", "got 7"),
    ("60 * * * *", "invalid_cron", "minute: expected 0-59, got '60'"),
    ("* 24 * * *", "invalid_cron", "hour: expected 0-23"),
    ("* * 0 * *", "invalid_cron", "day-of-month"),
    ("* * * 13 *", "invalid_cron", "month: expected 1-12"),
    ("* * * * 8", "invalid_cron", "day-of-week"),
    ("* * * foo *", "invalid_cron", "got 'foo'"),
    ("*/0 * * * *", "invalid_cron", "minute"),
    ("5-1 * * * *", "invalid_cron", "minute"),
    ("² * * * *", "invalid_cron", "ASCII"),
    ("\N{ARABIC-INDIC DIGIT ONE} * * * *", "invalid_cron", "ASCII"),
    ("@reboot", "unsupported", "run_at"),
    ("@fortnightly", "invalid_cron", "@daily"),
    ("0 0 30 2 *", "never_matches", "day-of-month: '30' is in none of the months '2'"),
    ("0 0 31 4,6,9,11 *", "never_matches", "day-of-month"),
    ("0 0 31 2 */8", "never_matches", "day-of-month"),
    ("0 " * 51, "too_long", "at most 100 characters"),
]


@pytest.mark.parametrize(("text", "code", "words"), REFUSED)
def test_what_is_wrong_is_refused_with_its_reason(text: str, code: str, words: str) -> None:
    assert_refused(RuleSpec(cron=text), "cron", code, words)


def test_a_rule_that_falls_in_a_gap_every_time_is_refused() -> None:
    assert local(rule("0 2 * 3 0L", "Europe/Berlin", starts_at="2025-01-01T00:00"), 1) == [
        "2025-03-30 03:00:00+0200"
    ]
    with pytest.raises(RecurrenceError) as refusal:
        rule("*/5 2 * 3 0L", "Europe/Berlin", starts_at="2025-01-01T00:00")
    assert refusal.value.code == "never_matches"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 9 1-31 * 1-5", "together they are every day"),
        ("0 9 L * 0,1,2,3,4,5,6", "together they are every day"),
        ("0 9 13 * 5", ""),
        ("0 9 31 * *", "not every month has a 31st"),
        ("0 9 30 3,4 *", ""),
        ("0 9 30 2,3 *", "not every month has a 30th"),
        ("0 9 29-31 2 *", "none of its months has a 31st"),
        ("0 9 29 2 *", "29 February is in leap years alone"),
        ("0 9 29 2 1", ""),
        ("0 9 * * 5#5", "not every month has a fifth Friday"),
        ("0 9 */2 * *", ""),
    ],
)
def test_what_may_not_have_been_meant_is_told(text: str, words: str) -> None:
    warnings = "; ".join(rule(text).warnings)
    assert words in warnings
    assert bool(warnings) == bool(words)
