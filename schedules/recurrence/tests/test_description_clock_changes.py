"""Clock changes in descriptions: told where they touch a rule, and only there."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schedules.recurrence import RuleSpec, describe

from .reading import utc

BERLIN = "Europe/Berlin"
START = datetime(2026, 1, 6, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("gap", "fold", "ending"),
    [
        ("auto", "auto", ", right after the change where the clocks skip a time"),
        ("skip", "auto", ", left out where the clocks skip a time"),
        ("shift", "auto", ", as much later where the clocks skip a time"),
        ("after", "auto", ", right after the change where the clocks skip a time"),
        ("auto", "last", "skip a time and the last time where the clocks repeat a time"),
        ("skip", "both", "skip a time and both times where the clocks repeat a time"),
        ("auto", "first", ", right after the change where the clocks skip a time"),
    ],
)
def test_what_was_chosen_for_clock_changes(gap: str, fold: str, ending: str) -> None:
    text = describe(RuleSpec(cron="30 2 * * *", timezone=BERLIN, dst_gap=gap, dst_fold=fold))
    assert text.startswith("Every day at 02:30 Europe/Berlin")
    assert text.endswith(ending)


def test_a_start_in_a_gap_is_told_as_it_was_written() -> None:
    rrule = "DTSTART;TZID=Europe/Berlin:20260329T023000\nRRULE:FREQ=DAILY"
    assert describe(RuleSpec(rrule=rrule)) == (
        "Every day at 02:30 Europe/Berlin, as much later where the clocks skip a time, from 29 March 2026 at 02:30"
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"cron": "0 9 * * *", "dst_gap": "skip", "dst_fold": "both"}, "Every day at 09:00 Europe/Berlin"),
        ({"cron": "30 2 * 6 *"}, "Every day in June at 02:30 Europe/Berlin"),
        ({"cron": "*/15 * * * *"}, "Every 15 minutes (Europe/Berlin)"),
        ({"cron": "30 2 * * *", "timezone": "Asia/Tokyo"}, "Every day at 02:30 Asia/Tokyo"),
        ({"cron": "0 0 * * *", "timezone": "America/Sao_Paulo"}, "Every day at 00:00 America/Sao_Paulo"),
    ],
)
def test_clock_changes_that_touch_no_time_are_not_told(fields: dict[str, Any], sentence: str) -> None:
    assert describe(RuleSpec(**{"timezone": BERLIN, **fields})) == sentence


def test_the_second_of_two_equal_times_is_told() -> None:
    spec = RuleSpec(every_x_hours=36, timezone=BERLIN, starts_at=utc("2026-10-25T01:30"))
    assert describe(spec) == "Every 36 hours, from 25 October 2026 at 02:30 Europe/Berlin (the second of two)"


def test_elapsed_hours_and_hours_of_the_clock_are_told_apart() -> None:
    elapsed = describe(RuleSpec(every_x_hours=5, timezone=BERLIN, starts_at=START))
    shown = describe(RuleSpec(rrule="FREQ=HOURLY;INTERVAL=5", timezone=BERLIN, starts_at=START))
    assert elapsed == "Every 5 hours, from 6 January 2026 at 09:00 Europe/Berlin"
    assert shown == "Every 5 hours by the clock, from 6 January 2026 at 09:00 Europe/Berlin"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"every_x_minutes": 20}, "Every 20 minutes of elapsed time"),
        ({"every_x_minutes": 30}, "Every 30 minutes"),
        ({"every_x_minutes": 35}, "Every 35 minutes"),
        ({"every_x_minutes": 20, "ends_at": utc("2026-02-01T00:00")}, "Every 20 minutes"),
    ],
)
def test_elapsed_minutes_are_told_where_clocks_change_by_half_an_hour(
    fields: dict[str, Any], sentence: str
) -> None:
    text = describe(RuleSpec(timezone="Australia/Lord_Howe", starts_at=START, **fields))
    assert text.startswith(f"{sentence}, from 6 January 2026 at 19:00 Australia/Lord_Howe")


def test_a_start_at_the_other_of_two_equal_times_is_told_as_the_first() -> None:
    spec = RuleSpec(every_x_days=2, timezone=BERLIN, starts_at=utc("2026-10-25T01:15"))
    assert describe(spec) == (
        "Every second day at 02:15 Europe/Berlin, as much later where the clocks skip a time, "
        "first on 25 October 2026 at 02:15 (the second of two)"
    )
