"""The cases of the benchmark of the sweep, once Django is set up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from psycopg2.extras import execute_values

from access.actor import NOBODY
from misc.benchmarks.peers.due import DueOfPeer
from misc.benchmarks.report import Goal, Row
from misc.benchmarks.service import Meter
from schedules.actions import editing
from schedules.api import forms
from schedules.models import TaskSchedule
from schedules.sweep.sweeper import CHUNK
from schedules.worker import sweeper
from tasks_api.broker.connection import Broker
from tasks_api.broker.messages import Message
from tasks_api.database import database_now, execute, fetch_one
from tasks_api.ids import new_id

UNIT = "cpu-ms"
DUE_GOAL, IDLE_GOAL = Goal(0.2), Goal(1)
ZONE = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
LATE = 100
CATCHES_UP = {"misfire_policy": "run_all", "catchup_window_seconds": 1e8}
MORE: dict[str, dict[str, Any]] = {
    "overlaps and failures heeded": {"overlap_policy": "skip", "pause_after_failures": 3},
    "with placeholders": {"arguments": {"expression": "{{ scheduled_for:%Y }} + {{ scheduled_for:%u }}"}},
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds with so many schedules due, or behind; so many sweeps of so many idle ones.

    A peer has fewer that are due, because each costs it more the more there are.
    """

    rounds: int
    due: int
    behind: int
    sweeps: int
    idle: Sequence[int]
    of_peer: int


FULL = Effort(rounds=5, due=3_000, behind=60, sweeps=200, idle=(10, 100_000), of_peer=1_000)
SHORT = Effort(rounds=2, due=12, behind=3, sweeps=2, idle=(10, 100), of_peer=8)


@dataclass(frozen=True, slots=True)
class Kind:
    """A rule that has an instant at the moment, and so has the same rule that begins a period earlier."""

    name: str
    rule: dict[str, Any]
    period: timedelta = DAY


def kinds(local: datetime) -> list[Kind]:
    """All that fall on this moment."""
    every_day = ",".join(str(day) for day in range(1, 32))
    return [
        Kind("cron", {"cron": f"{local.minute} {local.hour} * * *"}),
        Kind("rrule", {"rrule": f"FREQ=MONTHLY;BYMONTHDAY={every_day}"}),
        Kind("days", {"every_x_days": 1}),
        Kind("hours", {"every_x_hours": 4}, timedelta(hours=4)),
    ]


def rows(meter: Meter, effort: Effort) -> Iterator[Row]:
    """All cases, one after the other."""
    bench = Bench(meter, effort)
    due, every_kind = f"each of {effort.due:,} due", kinds(bench.moment)
    yield bench.due(f"{due}, of every kind", every_kind, with_baseline=True)
    for kind in every_kind:
        yield bench.due(f"{due}, {kind.name}", [kind])
    for what, more in MORE.items():
        yield bench.due(f"{due}, {what}", every_kind, more)
    yield bench.of_peer(f"each of {effort.of_peer:,} due: django-celery-beat", every_kind[-1])
    yield bench.behind(f"each instant of {effort.behind} times {LATE} to catch up", every_kind)
    for number in effort.idle:
        yield bench.idle(f"a sweep with none of {number:,} due", number)


class Bench:
    """A sweeper, and the moment at which everything is due that is due."""

    def __init__(self, meter: Meter, effort: Effort) -> None:
        self._meter, self._effort = meter, effort
        self._sweeper, self._broker = sweeper(), Broker()
        self._sweeper.sweep()  # takes note of what is new
        self.moment = database_now().astimezone(ZONE).replace(second=0, microsecond=0)

    def due(
        self,
        what: str,
        of: Sequence[Kind],
        more: dict[str, Any] | None = None,
        *,
        with_baseline: bool = False,
    ) -> Row:
        """Each has one instant, which is on time."""
        number = self._effort.due
        self._put(of, number, more or {})
        ours = self._each(self._sweep_all, number, since=self.moment)
        bare = self._each(self._write_and_publish, number, since=self.moment) if with_baseline else None
        return Row(what, UNIT, ours, bare, DUE_GOAL)

    def of_peer(self, what: str, kind: Kind) -> Row:
        """Beside django-celery-beat. Both have intervals of as many hours."""
        number = self._effort.of_peer
        peer = DueOfPeer(self._meter, number).each(self._effort.rounds)
        self._put([kind], number, {})
        return Row(what, UNIT, self._each(self._sweep_all, number, since=self.moment), peer)

    def behind(self, what: str, of: Sequence[Kind]) -> Row:
        """Each has many instants, which all become tasks."""
        daily = [kind for kind in of if kind.period == DAY]
        self._put(daily, self._effort.behind, CATCHES_UP)
        since = self.moment - (LATE - 1) * DAY
        return Row(what, UNIT, self._each(self._sweep_all, self._effort.behind * LATE, since), goal=DUE_GOAL)

    def idle(self, what: str, number: int) -> Row:
        """None has an instant for a while."""
        self._put(kinds(self.moment)[:1], 1, {})
        _begin_anew(self.moment + 30 * DAY)
        _multiply(number)
        ours, bare = self._repeated(self._sweeper.sweep), self._repeated(_look)
        return Row(what, UNIT, ours, bare, IDLE_GOAL)

    def _put(self, of: Sequence[Kind], number: int, more: dict[str, Any]) -> None:
        """So many schedules, no two of which have the same rule."""
        TaskSchedule.objects.all().delete()
        TaskSchedule.objects.bulk_create(
            schedule for kind in of for schedule in self._of_kind(kind, number // len(of), more)
        )

    def _of_kind(self, kind: Kind, number: int, more: dict[str, Any]) -> Iterator[TaskSchedule]:
        operation = {"operation": "calculate", "arguments": {"expression": "1+1"}}
        hourly = kind.period < DAY  # whatever the clock of the zone does
        starts = (self.moment.astimezone(UTC) if hourly else self.moment) - LATE * DAY
        body = {**operation, **kind.rule, **more, "timezone": ZONE.key, "starts_at": starts.isoformat()}
        one = editing.create(forms.definition(body, NOBODY), NOBODY)
        columns = TaskSchedule.objects.values().get(id=one.id)
        one.delete()
        for earlier in range(number):
            yield TaskSchedule(**columns | {"id": new_id(), "starts_at": starts - earlier * kind.period})

    def _each(self, work: Callable[[], int], number: int, since: datetime) -> float:
        """What each of so many that are due since then costs, the median of all rounds."""
        costs = []
        for _ in range(self._effort.rounds):
            _begin_anew(since)
            costs.append(self._meter.cost(lambda: _all_of(number, work)) / number)
        return median(costs)

    def _repeated(self, work: Callable[[], object]) -> float:
        times = self._effort.sweeps
        costs = [self._meter.cost(lambda: [work() for _ in range(times)]) for _ in range(self._effort.rounds)]
        return median(costs) / times

    def _sweep_all(self) -> int:
        total = 0
        while created := self._sweeper.sweep().created:
            total += created
        return total

    def _write_and_publish(self) -> int:
        """What the sweep does to schedules of which nothing need be known: their rules, policies and templates."""
        ids = list(TaskSchedule.objects.values_list("id", flat=True))
        for start in range(0, len(ids), CHUNK):
            tasks = [(new_id(), new_id(), schedule) for schedule in ids[start : start + CHUNK]]
            with transaction.atomic(), connection.cursor() as cursor:
                for sql in BARE_SQL:
                    execute_values(cursor.cursor, sql, tasks, page_size=CHUNK)
            self._broker.publish(Message(task, "calculate", 5, 30) for task, _, _ in tasks)
        return len(ids)


_NEW = "(VALUES %s) AS new(task, occurrence, schedule)"
INSERT_TASKS_SQL = f"""
INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, schedule_id,
                  scheduled_for, status, attempt, final_attempt, retry_when_lost, version, dispatch_at,
                  dispatch_count, created_at)
SELECT new.task, operation, arguments, priority, tags, 3, 30, now(), id, next_run_at, 'PENDING', 0, 3, true, 0,
       now() + interval '5 s', 1, now()
  FROM {_NEW} JOIN task_schedule ON id = new.schedule
"""  # noqa: S608 (a constant)
INSERT_OCCURRENCES_SQL = f"""
INSERT INTO occurrence (id, schedule_id, scheduled_for, last_scheduled_for, count, outcome, task_id)
SELECT new.occurrence, id, next_run_at, next_run_at, 1, 'created', new.task
  FROM {_NEW} JOIN task_schedule ON id = new.schedule
"""  # noqa: S608 (a constant)
ADVANCE_SQL = f"""
UPDATE task_schedule SET next_run_at = next_run_at + interval '1 day', sweep_at = sweep_at + interval '1 day',
       last_run_at = next_run_at, runs_created = runs_created + 1
  FROM {_NEW} WHERE id = new.schedule
"""  # noqa: S608 (a constant)
BARE_SQL = (INSERT_TASKS_SQL, INSERT_OCCURRENCES_SQL, ADVANCE_SQL)


def _all_of(number: int, work: Callable[[], int]) -> None:
    done = work()
    assert done == number, f"{done} of {number}"  # noqa: S101 (else it would measure something else)


def _begin_anew(since: datetime) -> None:
    """As if nothing had run, and everything were due since then."""
    execute("TRUNCATE task, occurrence", None)
    TaskSchedule.objects.update(next_run_at=since, sweep_at=since, runs_created=0, last_run_at=None)
    execute("VACUUM ANALYZE task_schedule, task, occurrence", None)


MULTIPLY_SQL = """
INSERT INTO task_schedule
SELECT copy.*
  FROM task_schedule AS schedule
 CROSS JOIN generate_series(2, %s) AS number
 CROSS JOIN LATERAL jsonb_populate_record(schedule, jsonb_build_object('id', md5(number::text))) AS copy
"""


def _multiply(number: int) -> None:
    execute(MULTIPLY_SQL, [number])
    execute("VACUUM ANALYZE task_schedule", None)


def _look() -> object:
    return fetch_one("SELECT id FROM task_schedule WHERE sweep_at <= statement_timestamp() LIMIT 1", [])
