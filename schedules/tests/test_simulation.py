"""Two years on a moved clock: the real sweeper on a real database, beside the plan alone, which must decide the same.

Time goes on by what is due next, and by outages in which nobody sweeps. Meanwhile tasks end, and people pause, resume,
override and change policies.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest
from pytest_django import Settings

from schedules import changes, overrides, pausing
from schedules.api import forms
from schedules.expansion import policies_of
from schedules.models import Occurrence, TaskSchedule
from schedules.planning import JUST_AFTER, Outcome, Plan
from schedules.recurrence import Rule, parse
from schedules.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import fail, fresh, succeed, tasks
from schedules.tests.planning_book import Book
from testing.clock import Clock, moved_clock
from testing.ledger import assert_covers, told

START = datetime(2027, 1, 1, 11, 59, 58, tzinfo=UTC)
YEARS = timedelta(days=730)
STEPS = 50
BATCH = 100

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


class Shadow(Book):
    """The schedule by plans alone. Tasks that wait are revoked when a plan asks them to stop."""

    def _expand(self, *given: Any) -> Plan:
        made = super()._expand(*given)
        if made.cancel:
            self.unfinished = 0
        return made


class Simulation:
    """Some schedules, each with its shadow."""

    def __init__(self, schedules: list[TaskSchedule], clock: Clock, random: Random) -> None:
        self.clock, self.random, self.sweeper = clock, random, Sweeper()
        self.shadows = [self._shadow(schedule) for schedule in schedules]
        self.acts: list[Callable[[TaskSchedule, Shadow], None]] = [
            self.tasks_succeed, self.tasks_succeed, self.tasks_fail, self.pause, self.resume, self.override,
            self.change_policy,
        ]  # fmt: skip

    def _shadow(self, schedule: TaskSchedule) -> tuple[TaskSchedule, Shadow]:
        rule: Any = parse(schedule.spec)
        shadow = Shadow(
            rule, policies_of(schedule, BATCH), left=schedule.runs_remaining, now=self.clock.now()
        )
        return schedule, shadow

    def step(self) -> None:
        """Time goes on, everybody sweeps, and something happens to each schedule."""
        self.clock.set(self._next_moment())
        self.sweep()
        for schedule, shadow in self.shadows:
            if self.random.random() < 0.4:
                self.random.choice(self.acts)(schedule, shadow)
        self.sweep()

    def _next_moment(self) -> datetime:
        """Mostly when something is due; else after an outage."""
        now = self.clock.now()
        due = TaskSchedule.objects.filter(sweep_at__gt=now).order_by("sweep_at").first()
        if self.random.random() < 0.6 and due is not None and due.sweep_at is not None:
            return due.sweep_at + timedelta(seconds=self.random.choice([0, 0.04, 3]))
        return now + timedelta(days=self.random.uniform(0.1, 20))

    def sweep(self) -> None:
        """Until nothing is due, here and there; and once more, as what a sweep stopped may let another begin."""
        now = self.clock.now()
        for _ in range(2):
            self.sweeper.sweep()
            while TaskSchedule.objects.filter(sweep_at__lte=now).exists():
                self.sweeper.sweep()
            for _, shadow in self.shadows:
                shadow.now = now
                assert shadow.settle()

    def tasks_succeed(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        if shadow.unfinished:
            succeed(schedule)
            shadow.end_tasks(failed=False)

    def tasks_fail(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        if shadow.unfinished:
            fail(schedule)
            shadow.end_tasks(failed=True)

    def pause(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        if shadow.is_active:
            seconds = self.random.choice([None, 3_600, 86_400 * 9.5])
            until = None if seconds is None else self.clock.now() + timedelta(seconds=seconds)
            pausing.pause(schedule.id, until=until)
            shadow.pause(seconds)

    def resume(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        if shadow.status != "error":
            catch_up = self.random.choice(list(pausing.CatchUp))
            pausing.resume(schedule.id, catch_up)
            shadow.resume(catch_up.value)

    def override(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        now = self.clock.now()
        if shadow.position is None or shadow.status not in ("active", "paused"):
            return
        rule: Any = shadow.rule
        ahead = list(islice(rule.between(max(now + JUST_AFTER, shadow.position), now + YEARS), 4))
        open_ones = [instant for instant in ahead if instant not in shadow.rows]
        if open_ones:
            instant = self.random.choice(open_ones)
            outcome = self.random.choice([Outcome.OVERRIDDEN, Outcome.MOVED, Outcome.CHANGED])
            seconds = self.random.choice([60.0, 86_400.0, 86_400.0 * 15])
            overrides.put(schedule.id, instant, lambda _: self._override(outcome, now, seconds))
            shadow.override(instant, outcome, seconds)

    def _override(self, outcome: Outcome, now: datetime, seconds: float) -> overrides.Override:
        match outcome:
            case Outcome.OVERRIDDEN:
                return overrides.Override(skip=True)
            case Outcome.MOVED:
                return overrides.Override(run_at=now + timedelta(seconds=seconds))
        return overrides.Override(changes={"priority": 9})

    def change_policy(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        if shadow.status != "error":
            policy = self.random.choice(["run_last", "run_all", "skip"])
            edited = changes.update(
                schedule.id, lambda stored: forms.redefinition(stored, {"misfire_policy": policy})
            )
            shadow.edit_policies(lambda _: policies_of(edited.schedule, BATCH))


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
    in_database = [(each.at, each.outcome) for each in told(schedule.id)]
    assert in_database == planned(shadow)
    ran = [task.scheduled_for for task in tasks(schedule)]
    created = [instant for instant, outcome in in_database if outcome == "created"]
    assert sorted(filter(None, ran)) == created
    assert schedule.runs_created == len(created)
    end = schedule.next_run_at or (in_database[-1][0] + JUST_AFTER if in_database else START)
    if schedule.status != "completed":
        ahead = Occurrence.objects.filter(schedule=schedule, scheduled_for__gte=end)
        assert_covers(schedule.id, [(schedule.spec, START, end)])
        assert not ahead.filter(outcome="created").exclude(due_at__lt=end).exists()


def planned(shadow: Shadow) -> list[tuple[datetime, str]]:
    """The shadow's ledger, instant by instant."""
    rule: Rule = shadow.rule  # type: ignore[assignment]
    single = [(row.scheduled_for, row.outcome.value) for row in shadow.rows.values()]
    ranged = [
        (instant, decision.outcome.value)
        for _, decision in shadow.ranges
        for instant in rule.between(decision.span.first, decision.span.last + JUST_AFTER)
    ]
    return sorted(single + ranged)
