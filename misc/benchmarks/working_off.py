"""The cases of the benchmark of tasks, once Django is set up."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from signal import SIGCONT, SIGSTOP
from statistics import median

import psutil
from celery import Celery
from django.conf import settings

from config.stack.commands import command_for
from misc.benchmarks.processes import running
from misc.benchmarks.report import Goal, Row
from misc.benchmarks.service import MILLISECONDS, Meter, spent
from tasks_api.database import execute, fetch_all
from tasks_api.submission import NewTask, submit

UNIT, RATE = "cpu-ms", "/s"
WARM_UP = 50
LONGEST_SECONDS = 120.0
POLL_SECONDS = 0.05
START_SECONDS = 60.0

BARE_TABLE_SQL = """
CREATE TABLE bare_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, status text NOT NULL, result jsonb,
                       started_at timestamptz, finished_at timestamptz)
"""
HISTORY_SQL = """
INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, status, attempt,
                  final_attempt, retry_when_lost, version, dispatch_count, created_at, started_at, finished_at, result)
SELECT uuidv7(n * interval '-1 second'), 'add', '{"a": 1, "b": 2}', 5, '{}', 3, 30, at, 'SUCCESS', 1, 3, true, 2, 1,
       at, at, at, '3'
  FROM generate_series(1, %(count)s) AS n
 CROSS JOIN LATERAL (SELECT now() - n * interval '1 second' AS at) AS moment
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: rounds with so many tasks; the last ones with so many rows of history."""

    rounds: int
    tasks: int
    history: int


FULL = Effort(rounds=5, tasks=3_000, history=1_000_000)
SHORT = Effort(rounds=1, tasks=20, history=1_000)


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who works tasks off: the command of the worker, how tasks are sent, how many are done."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    send: Callable[[int], None]
    done: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one task: milliseconds of CPU of the worker, and of Postgres and the broker; and how many a second."""

    worker: float
    servers: float
    rate: float

    @property
    def cost(self) -> float:
        """All together."""
        return self.worker + self.servers


def rows(meter: Meter, effort: Effort) -> Iterator[Row]:
    """All cases, one after the other."""
    execute(BARE_TABLE_SQL, None)
    ours, bare = _measured(ours_(), meter, effort), _measured(bare_(), meter, effort)
    most, least = Goal(1, of_ratio=True), Goal(1, of_ratio=True, more_is_better=True)
    yield Row("run a task", UNIT, ours.cost, bare.cost, most)
    yield Row("run a task: the worker's part", UNIT, ours.worker, bare.worker)
    yield Row("run a task: Postgres and the broker", UNIT, ours.servers, bare.servers)
    yield Row("tasks run by two processes", RATE, ours.rate, bare.rate, least)
    execute(HISTORY_SQL, {"count": effort.history})
    execute("VACUUM ANALYZE task", None)
    after = _measured(ours_(), meter, effort)
    few = Goal(1.2, of_ratio=True)
    yield Row(f"run a task, with {effort.history:,} rows of history", UNIT, after.cost, ours.cost, few)


def ours_() -> Contender:
    """Punctual's worker."""
    command = command_for("worker", settings.ENVIRONMENT)

    def send(count: int) -> None:
        submit(
            [
                NewTask(operation="add", arguments={"x": 1, "y": 2}, max_attempts=3, timeout_seconds=30.0)
                for _ in range(count)
            ]
        )

    return Contender(
        command.argv,
        command.environment,
        send,
        lambda: _count("task WHERE started_at > now() - interval '1 hour' AND status = 'SUCCESS'"),
    )


def bare_() -> Contender:
    """Celery and two UPDATEs."""
    client = Celery("client", broker=os.environ["CELERY_BROKER_URL"])

    def send(count: int) -> None:
        sql = "INSERT INTO bare_row (status) SELECT 'PENDING' FROM generate_series(1, %s) RETURNING id"
        for [row_id] in fetch_all(sql, [count]):
            client.send_task("bare.add", [row_id, 1, 2], queue="bare", ignore_result=True)

    argv = ["-m", "celery", "-A", "misc.benchmarks.bare", "worker", "-c", "2", "-O", "fair", "-l", "WARNING"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Contender(
        [sys.executable, *argv, *quiet], {}, send, lambda: _count("bare_row WHERE status = 'SUCCESS'")
    )


def _count(rows_: str) -> int:
    [[count]] = fetch_all(f"SELECT count(*) FROM {rows_}", [])  # noqa: S608 (a constant)
    return int(count)


def _measured(contender: Contender, meter: Meter, effort: Effort) -> Measured:
    """The medians of some rounds, after a few tasks that warm it up."""
    with running(contender.argv, contender.environment) as worker:
        contender.send(WARM_UP)
        _wait_for(contender, contender.done() + 1, START_SECONDS)
        _wait_for(contender, WARM_UP, START_SECONDS)
        rounds = [_round(contender, worker, meter, effort.tasks) for _ in range(effort.rounds)]
    return Measured(
        median(each.worker for each in rounds),
        median(each.servers for each in rounds),
        median(each.rate for each in rounds),
    )


def _round(contender: Contender, worker: psutil.Process, meter: Meter, count: int) -> Measured:
    done = contender.done()
    with _standing_still(worker):
        contender.send(count)
        time.sleep(0.5)  # the publisher is done, and so is what Postgres writes behind
    began, worker_before, servers_before = time.monotonic(), spent(worker), meter.spent_by_servers()
    _wait_for(contender, done + count, LONGEST_SECONDS)
    seconds = time.monotonic() - began
    each = MILLISECONDS / count
    return Measured(
        (spent(worker) - worker_before) * each,
        (meter.spent_by_servers() - servers_before) * each,
        count / seconds,
    )


def _wait_for(contender: Contender, count: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while contender.done() < count:
        if time.monotonic() > end:
            raise TimeoutError(f"{contender.argv} did {contender.done()} of {count} tasks in {seconds:g} s")
        time.sleep(POLL_SECONDS)


@contextmanager
def _standing_still(worker: psutil.Process) -> Iterator[None]:
    family = [worker, *worker.children(recursive=True)]
    _signal(family, SIGSTOP)
    try:
        yield
    finally:
        _signal(family, SIGCONT)


def _signal(family: list[psutil.Process], number: int) -> None:
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(number)
