"""Two years on a moved clock: the real sweeper on a real database, beside the plan alone, which must decide the same.

Time goes on by what is due next, and by outages in which nobody sweeps. Meanwhile tasks end, and people do whatever can
be done to a schedule.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from pytest_django import Settings

from schedules.models import TaskSchedule
from schedules.planning import JUST_AFTER
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import fresh, tasks
from schedules.tests.simulating import Shadow, Simulation
from testing.clock import moved_clock
from testing.ledger import assert_covers, covered_instants

START = datetime(2027, 1, 1, 11, 59, 58, tzinfo=UTC)
YEARS = timedelta(days=730)
STEPS = 50

SCHEDULES: list[dict[str, Any]] = [
    {
        "cron": "30 2 * * *",
        "timezone": "Europe/Berlin",
        "overlap_policy": "skip",
        "misfire_policy": "run_all",
    },
    {"every_x_days": 1, "every_x_hours": 5, "overlap_policy": "queue_one", "timezone": "America/New_York"},
    {"rrule": "FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9;BYMINUTE=0;BYSECOND=0", "misfire_policy": "skip"},
    {
        "rrule": "FREQ=HOURLY;INTERVAL=7",
        "overlap_policy": "cancel_running",
        "timezone": "Australia/Lord_Howe",
    },
    {"cron": "0 */6 * * MON-FRI", "misfire_policy": "run_all", "catchup_window_seconds": 200_000},
    {"every_x_hours": 36, "schedule_x_times": 60, "overlap_policy": "queue_one", "jitter_seconds": 600},
    {"rrule": "FREQ=DAILY;COUNT=200", "pause_after_failures": 3, "misfire_policy": "run_last"},
    {"run_at": "2027-09-01T00:00:00+02:00", "misfire_policy": "run_last"},
]


@pytest.fixture
def keep_everything(settings: Settings) -> None:
    """Two years are longer than any retention."""
    for name in ("SUCCESS", "FAILURE", "OCCURRENCE"):
        setattr(settings, f"RETENTION_{name}_DAYS", 3_650)


@pytest.mark.parametrize("seed", [2])
@pytest.mark.usefixtures("transactional_db", "keep_everything")
def test_two_years(new_schedule: NewSchedule, seed: int) -> None:
    with moved_clock(START) as clock:
        simulation = Simulation([new_schedule(**body) for body in SCHEDULES], clock, Random(seed))  # noqa: S311 (a history, no secret)
        for _ in range(STEPS):
            simulation.step()
        clock.set(START + YEARS)
        simulation.sweep()
        for schedule, shadow in simulation.shadows:
            assert_same(fresh(schedule), shadow)


def assert_same(schedule: TaskSchedule, shadow: Shadow) -> None:
    """What the database has is what the plans said, and all of it is accounted for."""
    assert (schedule.status, schedule.paused_until) == (shadow.status, shadow.paused_until)
    assert schedule.next_run_at == shadow.position
    kept = schedule.ledger_from
    in_database = [(each.at, each.outcome) for each in covered_instants(schedule.id) if each.at >= kept]
    assert in_database == [each for each in planned(shadow) if each[0] >= kept]
    ran = [task.scheduled_for for task in tasks(schedule) if task.scheduled_for]
    created = [instant for instant, outcome in in_database if outcome == "created"]
    assert sorted(instant for instant in ran if instant >= kept) == created
    assert schedule.runs_created == shadow.runs
    assert_covers(schedule.id, shadow.eras, besides=shadow.besides)


def planned(shadow: Shadow) -> list[tuple[datetime, str]]:
    """The shadow's ledger, instant by instant. What was backfilled is taken out of ranges."""
    ranged = {
        instant: decision.outcome.value
        for rule, decision in shadow.ranges
        for instant in rule.between(decision.first, decision.last + JUST_AFTER)
    }
    return sorted((ranged | {at: str(row.outcome) for at, row in shadow.rows.items()}).items())
