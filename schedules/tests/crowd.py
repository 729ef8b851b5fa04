"""Many who use the same schedules at the same time: sweepers, people, workers, and time that goes on meanwhile."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID

from access.actor import NOBODY
from operations import UnknownOperation
from rest.problems import InvalidInput
from schedules.actions import backfilling, editing, overriding, pausing, settling, triggering
from schedules.api import forms
from schedules.models import TaskSchedule
from schedules.planning import JUST_AFTER
from schedules.recurrence import RecurrenceError, RuleSpec, parse
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit_schedule, put_override, remove_override
from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import WAITING
from tasks_api.models import Task
from tasks_api.transitions import Run
from testing.clock import Clock
from testing.concurrency import apart
from testing.ledger import Era

PATIENCE_SECONDS = 300
MOST_STEPS_TO_REST = 100
OOPS = '{"type": "OSError"}'
GONE = "removed_in_an_upgrade"
REFUSALS = (
    InvalidInput,
    RecurrenceError,
    UnknownOperation,
    editing.AllTasksMade,
    editing.JitterTooLong,
    overriding.AlreadyDecided,
    overriding.MovedIntoThePast,
    overriding.NoSuchOccurrence,
    overriding.NotOverridden,
    overriding.OwnTimeIsPast,
    pausing.TooManyToCatchUp,
    settling.StillCatchingUp,
    settling.WrongScheduleStatus,
)
"""What a caller is told when somebody else, or time, was faster. Whoever is told so changed nothing."""
RULES: list[dict[str, Any]] = [
    {"rrule": "FREQ=SECONDLY;INTERVAL=5"},
    {"rrule": "FREQ=MINUTELY"},
    {"cron": "*/3 * * * *"},
    {"every_x_hours": 1},
    {"rrule": "FREQ=SECONDLY;INTERVAL=90;COUNT=40"},
]
POLICIES: list[dict[str, Any]] = [
    {"misfire_policy": "run_all"},
    {"misfire_policy": "run_last"},
    {"misfire_policy": "skip"},
    {"overlap_policy": "skip"},
    {"overlap_policy": "queue_one"},
    {"overlap_policy": "cancel_running"},
    {"overlap_policy": "allow"},
    {"catchup_window_seconds": 100},
    {"catchup_window_seconds": None},
    {"pause_after_failures": 2},
    {"jitter_seconds": 4},
    {"priority": 8},
]


class Crowd:
    """Everybody. What each does is drawn from a seed; in which order they do it, nobody knows."""

    def __init__(self, schedules: Sequence[TaskSchedule], clock: Clock, node: UUID, seed: int) -> None:
        self.clock, self.node, self.seed = clock, node, seed
        self.ids = [schedule.id for schedule in schedules]
        self.eras: dict[UUID, list[Era]] = {each.id: [] for each in schedules}
        self.begun: dict[UUID, tuple[RuleSpec, datetime]] = {
            each.id: (each.spec, each.ledger_from) for each in schedules
        }
        self.filled: dict[UUID, set[datetime]] = {schedule.id: set() for schedule in schedules}
        self.editable = self.ids[len(RULES) :]
        self.time = threading.Lock()
        """Held by whoever needs time to stand still."""
        self.over = threading.Event()
        self.running: list[Run] = []
        self.acts: list[Callable[[Random], object]] = [
            self.pause, self.pause, self.resume, self.resume, self.resume_many, self.edit_policies, self.edit_rule,
            self.override, self.override, self.take_back, self.trigger, self.backfill, self.break_template,
            self.mend, self.come_and_go, self.allow_more,
        ]  # fmt: skip

    def live(self, *, sweepers: int, people: int, acts: int) -> None:
        """Until each of the people has done so much. Raises what anybody ran into, a deadlock among it."""
        others = [apart(self._sweep) for _ in range(sweepers)] + [apart(self._work), apart(self._go_on)]
        busy = [apart(lambda each=each: self._act(each, acts)) for each in range(people)]  # type: ignore[misc]
        try:
            _wait(busy)
        finally:
            self.over.set()
            _wait(others)

    def _act(self, person: int, acts: int) -> None:
        random = Random(f"{self.seed} {person}")  # noqa: S311 (a history, no secret)
        for _ in range(acts):
            with suppress(*REFUSALS):
                random.choice(self.acts)(random)

    def _sweep(self) -> None:
        sweeper = Sweeper()
        while not self.over.is_set():
            sweeper.sweep()

    def _go_on(self) -> None:
        """A second, or an outage of all sweepers: nobody sweeps within what is one step here."""
        random = Random(self.seed)  # noqa: S311
        while not self.over.wait(0.01):
            with self.time:
                self.clock.advance(timedelta(seconds=random.choice([0.5, 1, 1, 5, 5, 60, 300])))

    def _work(self) -> None:
        random = Random(-self.seed)  # noqa: S311
        while not self.over.wait(0.01):
            self._end_some(random)

    def _end_some(self, random: Random) -> None:
        waiting = Task.objects.filter(status__in=WAITING, run_at__lte=self.clock.now()).order_by("run_at")
        for task in waiting[:20]:
            run = transitions.claim(task.id, task.priority, token=new_id(), node=self.node)
            if run is not None:
                self._end(run, random.randrange(6))

    def _end(self, run: Run, how: int) -> None:
        """Some succeed, some fail, some are tried again, and some run on until they are rescued."""
        match how:
            case 0:
                transitions.fail(run, OOPS)
            case 1:
                transitions.fail(run, OOPS, retry_in=30)
            case 2:
                self.running.append(run)
            case _:
                transitions.succeed(run, "2")

    def any(self, random: Random) -> UUID:
        return random.choice(self.ids)

    def pause(self, random: Random) -> None:
        seconds = random.choice([None, 10, 200])
        until = None if seconds is None else self.clock.now() + timedelta(seconds=seconds)
        with suppress(pausing.PauseEndsInThePast):
            pausing.pause(self.any(random), NOBODY, until=until)

    def resume(self, random: Random) -> None:
        pausing.resume(self.any(random), NOBODY, random.choice(list(pausing.CatchUp)))

    def resume_many(self, random: Random) -> None:
        some = TaskSchedule.objects.filter(id__in=random.sample(self.ids, 5))
        pausing.resume_many(some, NOBODY, {}, random.choice(list(pausing.CatchUp)))

    def edit_policies(self, random: Random) -> None:
        self._edit(random.choice(self.editable), random.choice(POLICIES))

    def edit_rule(self, random: Random) -> None:
        schedule_id, rule = random.choice(self.editable), random.choice(RULES)
        with self.time:
            now = self.clock.now()
            self._edit(schedule_id, {**rule, "starts_at": (now - timedelta(seconds=1)).isoformat()})
            self._note_era(schedule_id, now + JUST_AFTER)

    def allow_more(self, random: Random) -> None:
        """A schedule that may make a few tasks, and may have made them all, gets some more."""
        for schedule in TaskSchedule.objects.filter(id__in=self.ids, schedule_x_times__isnull=False):
            times = schedule.runs_created + random.choice([1, 5])
            self._edit(schedule.id, {"schedule_x_times": times})

    def _edit(self, schedule_id: UUID, fields: dict[str, Any]) -> None:
        edit_schedule(schedule_id, fields)

    def _note_era(self, schedule_id: UUID, end: datetime) -> None:
        spec, start = self.begun[schedule_id]
        self.eras[schedule_id].append((spec, start, end))
        self.begun[schedule_id] = (TaskSchedule.objects.get(id=schedule_id).spec, end)

    def override(self, random: Random) -> None:
        schedule_id = self.any(random)
        instant = self._one_ahead(schedule_id, random)
        moved_to = self.clock.now() + timedelta(seconds=random.choice([1, 30, 400]))
        override = random.choice(
            [
                overriding.Override(skip=True),
                overriding.Override(run_at=moved_to),
                overriding.Override(changes={"priority": 9}),
            ]
        )
        put_override(schedule_id, instant, override)

    def take_back(self, random: Random) -> None:
        rows = list(overriding.undecided(self.ids, self.clock.now()).order_by("scheduled_for"))
        if rows:
            row = random.choice(rows)
            remove_override(row.schedule_id, row.scheduled_for)

    def _one_ahead(self, schedule_id: UUID, random: Random) -> datetime:
        rule, now = parse(TaskSchedule.objects.get(id=schedule_id).spec), self.clock.now()
        ahead = list(islice(rule.between(now, now + timedelta(days=1)), 8))
        return random.choice(ahead or [now])

    def trigger(self, random: Random) -> None:
        triggering.trigger(self.any(random), NOBODY)

    def backfill(self, random: Random) -> None:
        """Over some of the past, of which some lies before the rule there is now."""
        schedule_id, now = self.any(random), self.clock.now()
        start = now - timedelta(seconds=random.choice([100, 300, 3_000]))
        made = backfilling.backfill(schedule_id, NOBODY, start, start + timedelta(seconds=100))
        self.filled[schedule_id].update(each.scheduled_for for each in made.created)

    def break_template(self, random: Random) -> None:
        """An upgrade removes its operation."""
        if random.random() < 0.5:
            TaskSchedule.objects.filter(id=random.choice(self.editable)).update(operation=GONE)

    def mend(self, _: Random) -> None:
        for schedule in TaskSchedule.objects.filter(operation=GONE):
            with suppress(RecurrenceError):  # it names nothing any more
                self._edit(schedule.id, {"operation": "1+1"})

    def come_and_go(self, random: Random) -> None:
        """A schedule that somebody deletes while others sweep it."""
        created = editing.create(
            forms.definition({"operation": "1+1", "rrule": "FREQ=SECONDLY"}, NOBODY), NOBODY
        )
        editing.delete(created.id, NOBODY, cancel_waiting=random.random() < 0.5)

    def come_to_rest(self) -> None:
        """Everything is mended and resumed, every task is cancelled, and nothing is due any more."""
        TaskSchedule.objects.update(pause_after_failures=None)
        self.mend(Random(0))  # noqa: S311
        pausing.resume_many(TaskSchedule.objects.all(), NOBODY, {})
        sweeper = Sweeper()
        for _ in range(MOST_STEPS_TO_REST):
            transitions.cancel(list(Task.objects.filter(finished_at=None).values_list("id", flat=True)))
            for run in self.running:
                transitions.fail(run, OOPS)
            sweeper.sweep()
            if not self._is_busy():
                return
        raise AssertionError("they do not come to rest")

    def _is_busy(self) -> bool:
        due = TaskSchedule.objects.filter(sweep_at__lte=self.clock.now())
        return due.exists() or Task.objects.filter(finished_at=None).exists()

    def closed_eras(self, schedule: TaskSchedule) -> list[Era]:
        """All, the last one up to where the schedule has come."""
        spec, start = self.begun[schedule.id]
        end = schedule.next_run_at or self.clock.now() + timedelta(days=3_650)
        return [*self.eras[schedule.id], (spec, start, end)]


def _wait(futures: Sequence["Future[None]"]) -> None:
    for future in futures:
        future.result(PATIENCE_SECONDS)
