"""Schedules that are simulated on a moved clock, each beside its shadow: the same life by plans alone."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from django.conf import settings

from access.actor import NOBODY
from schedules.actions import overriding, pausing, triggering
from schedules.actions.backfilling import backfill
from schedules.actions.editing import AllTasksMade
from schedules.expansion.expanding import policies_of
from schedules.ledger.retention import forget_old_occurrences
from schedules.models import TaskSchedule, ZoneData
from schedules.planning import JUST_AFTER, TIMED, Entry, Outcome, Plan, plan
from schedules.recurrence import RecurrenceError, RuleSpec, parse
from schedules.sweep import zone_data
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit_schedule, put_override, remove_override
from schedules.tests.lives import fail, fresh, succeed
from schedules.tests.planning_book import Book
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.clock import Clock
from testing.ledger import Era

BATCH = 100
AHEAD = timedelta(days=730)
RULES: list[dict[str, Any]] = [
    {"cron": "15 */8 * * *"},
    {"cron": "0 3 * * *", "timezone": "Europe/Berlin"},
    {"every_x_days": 2, "every_x_hours": None, "every_x_minutes": None},
    {"every_x_days": None, "every_x_hours": 17, "every_x_minutes": None},
    {"every_x_days": None, "every_x_hours": 5, "every_x_minutes": 47},
    {"rrule": "FREQ=HOURLY;INTERVAL=11"},
    {"rrule": "RRULE:FREQ=HOURLY;INTERVAL=6\nRRULE:FREQ=DAILY;BYHOUR=3\nEXRULE:FREQ=WEEKLY"},
    {"rrule": "FREQ=DAILY;COUNT=400"},
]


class Shadow(Book):
    """The schedule by plans alone. Tasks that wait are revoked when a plan asks them to stop."""

    specs: list[RuleSpec]
    besides: set[datetime]
    runs = 0
    is_broken = False

    @classmethod
    def of(cls, schedule: TaskSchedule, now: datetime) -> "Shadow":
        rule: Any = parse(schedule.spec)
        shadow = cls(rule, policies_of(schedule, BATCH), left=schedule.runs_remaining, now=now)
        shadow.specs, shadow.besides = [schedule.spec], set()
        return shadow

    @property
    def eras(self) -> list[Era]:
        """Which rule was in force when, up to where the schedule has come."""
        last = self.position or self.now + AHEAD
        return [
            (spec, epoch.start, epoch.end or last)
            for spec, epoch in zip(self.specs, self.epochs, strict=True)
        ]

    def take(self, schedule: TaskSchedule, *, wakes: bool) -> None:
        """What an edit made of the schedule."""
        self.left = schedule.runs_remaining
        if wakes or self.specs[-1] != schedule.spec:
            undecided = TIMED | {Outcome.OVERRIDDEN}
            decided = {row.scheduled_for for row in self.rows.values() if row.outcome not in undecided}
            self.besides |= {instant for instant in decided if instant > self.now}
            rule: Any = parse(schedule.spec)
            self.edit_rule(rule)
            self.specs.append(schedule.spec)
        self.policies = policies_of(schedule, BATCH)

    def backfilled(self, instants: list[datetime]) -> None:
        """They have their task, whatever was said of them."""
        self.rows |= {instant: Entry(instant, Outcome.CREATED, instant) for instant in instants}
        self.besides |= set(instants)
        self.unfinished += len(instants)

    def _expand(self, *given: Any) -> Plan:
        if self.is_broken and plan(self.rule, self.state(*given), self.policies, self.now).created:
            self._break()
            return Plan((), self.position, None)
        made = super()._expand(*given)
        self.runs += len(made.created)
        if made.cancel:
            self.unfinished = 0
        return made

    def _break(self) -> None:
        self.status, self.paused_until, self.run_all_until = "error", None, None
        due = self.position
        if due is not None and due <= self.now and due not in self.rows:
            self.rows[due] = Entry(due, Outcome.ERROR, due)


class Simulation:
    """Some schedules, each with its shadow."""

    def __init__(self, schedules: list[TaskSchedule], clock: Clock, random: Random) -> None:
        self.clock, self.random, self.sweeper = clock, random, Sweeper()
        self.shadows = [(schedule, Shadow.of(schedule, clock.now())) for schedule in schedules]
        self.acts: list[Callable[[TaskSchedule, Shadow], None]] = [
            self.tasks_succeed, self.tasks_succeed, self.tasks_fail, self.pause, self.resume, self.override,
            self.take_back, self.edit_policy, self.edit_rule, self.edit_times, self.edit_end, self.backfill,
            self.trigger, self.break_or_mend, self.forget, self.zones_change,
        ]  # fmt: skip

    def step(self) -> None:
        """Time goes on, everybody sweeps, and something happens to each schedule."""
        self.clock.set(self._next_moment())
        self.sweep()
        for schedule, shadow in self.shadows:
            if self.random.random() < 0.5:
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
        if self._may_end(schedule, shadow):
            succeed(schedule)
            shadow.end_tasks(failed=False)

    def tasks_fail(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        if self._may_end(schedule, shadow):
            fail(schedule)
            shadow.end_tasks(failed=True)

    def _may_end(self, schedule: TaskSchedule, shadow: Shadow) -> bool:
        """Whether there are any, and none waits for its jitter."""
        later = Task.objects.filter(schedule_id=schedule.id, status=Status.PENDING, run_at__gt=shadow.now)
        return bool(shadow.unfinished) and not later.exists()

    def pause(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        if shadow.status in ("active", "paused"):
            seconds = self.random.choice([None, 3_600, 86_400 * 9.5])
            until = None if seconds is None else self.clock.now() + timedelta(seconds=seconds)
            pausing.pause(schedule.id, NOBODY, until=until)
            shadow.pause(seconds)

    def resume(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        if shadow.status != "error":
            catch_up = self.random.choice(list(pausing.CatchUp))
            pausing.resume(schedule.id, NOBODY, catch_up)
            shadow.resume(catch_up.value)

    def override(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        now = self.clock.now()
        if shadow.position is None or shadow.status not in ("active", "paused"):
            return
        rule: Any = shadow.rule
        ahead = list(islice(rule.between(max(now + JUST_AFTER, shadow.position), now + AHEAD), 4))
        open_ones = [instant for instant in ahead if instant not in shadow.rows]
        if open_ones:
            instant = self.random.choice(open_ones)
            outcome = self.random.choice([Outcome.OVERRIDDEN, Outcome.MOVED, Outcome.CHANGED])
            seconds = self.random.choice([60.0, 86_400.0, 86_400.0 * 15])
            put_override(schedule.id, instant, _override(outcome, now, seconds))
            shadow.override(instant, outcome, seconds)

    def take_back(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        undecided = shadow.waiting(*TIMED, Outcome.OVERRIDDEN)
        ahead = [row.scheduled_for for row in undecided if min(row.scheduled_for, row.due_at) > shadow.now]
        if ahead and shadow.status in ("active", "paused"):
            instant = self.random.choice(sorted(ahead))
            remove_override(schedule.id, instant)
            shadow.take_back(instant)

    def edit_policy(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        policy = self.random.choice(["run_last", "run_all", "skip"])
        self._edit(schedule, shadow, {"misfire_policy": policy})

    def edit_rule(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        more = self.random.choice([{}, {"schedule_x_times": None}])
        self._edit(schedule, shadow, {**self.random.choice(RULES), **more})

    def edit_times(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        times = self.random.choice([None, shadow.runs + 1, shadow.runs + 3])
        self._edit(schedule, shadow, {"schedule_x_times": times})

    def edit_end(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        end = shadow.now + timedelta(days=self.random.choice([0.3, 9, 90]))
        self._edit(schedule, shadow, {"ends_at": self.random.choice([None, end.isoformat()])})

    def _edit(self, schedule: TaskSchedule, shadow: Shadow, body: dict[str, Any]) -> None:
        """Where it is refused, nothing has changed."""
        if shadow.is_broken:
            return
        before = fresh(schedule)
        with suppress(RecurrenceError, AllTasksMade):
            edited = edit_schedule(schedule.id, body).schedule
            has_more = edited.schedule_x_times != before.schedule_x_times
            wakes = before.status == "error" or (before.status == "completed" and has_more)
            shadow.take(edited, wakes=wakes)

    def backfill(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        stored = fresh(schedule)
        forgotten = stored.ledger_from if stored.ledger_from > stored.created_at else None
        start = shadow.now - timedelta(days=self.random.uniform(0, 90))
        start = start if forgotten is None else min(max(start, forgotten), shadow.now)
        end = min(shadow.now, start + timedelta(days=self.random.uniform(0, 20)))
        if not shadow.is_broken:
            made = backfill(schedule.id, NOBODY, start, end)
            shadow.backfilled([each.scheduled_for for each in made.created])

    def trigger(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        if not shadow.is_broken:
            triggering.trigger(schedule.id, NOBODY)
            shadow.unfinished += 1

    def break_or_mend(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        """The operation is gone, or there again: then an edit mends the schedule."""
        shadow.is_broken = not shadow.is_broken
        operation = "gone" if shadow.is_broken else "calculate"
        TaskSchedule.objects.filter(id=schedule.id).update(operation=operation)
        self._edit(schedule, shadow, {"priority": self.random.randrange(10)})

    def forget(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        """Retention does it for all."""
        kept, settings.RETENTION_OCCURRENCE_DAYS = settings.RETENTION_OCCURRENCE_DAYS, 150
        forget_old_occurrences()
        settings.RETENTION_OCCURRENCE_DAYS = kept

    def zones_change(self, schedule: TaskSchedule, shadow: Shadow) -> None:
        """To another release in which nothing that matters here is different."""
        ZoneData.objects.update(version="another", digests={})
        zone_data.adopt()


def _override(outcome: Outcome, now: datetime, seconds: float) -> overriding.Override:
    match outcome:
        case Outcome.OVERRIDDEN:
            return overriding.Override(skip=True)
        case Outcome.MOVED:
            return overriding.Override(run_at=now + timedelta(seconds=seconds))
    return overriding.Override(changes={"priority": 9})
