"""A database and a broker as the release before leaves them: migrated while it writes, then worked off."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg2
import psycopg2.extras
import pytest

from testing import release_before as before
from testing.manage import manage
from testing.migrations import RELEASE_BEFORE
from testing.servers import running_postgres, running_valkey
from testing.stack import running_stack

pytestmark = pytest.mark.acceptance

ENDED, NAMED, SENT, LOST = 20_000, 5_000, 300, 20

ENDED_SQL = """
INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, status, attempt,
                  final_attempt, retry_when_lost, version, dispatch_count, created_at, started_at, finished_at, result,
                  error)
SELECT gen_random_uuid(), 'add', '{"x": 1, "y": 2}', mod(n, 10), ARRAY['history'], 3, 30, moment, status, 1,
       3, true, 2, 1, moment, moment, moment, CASE status WHEN 'SUCCESS' THEN '3'::jsonb END,
       CASE status WHEN 'FAILURE' THEN '{"type": "failed", "message": "it was to fail", "permanent": true}'::jsonb END
  FROM generate_series(1, %s) AS n,
       LATERAL (SELECT now() - n * interval '1 s' AS moment,
                       CASE mod(n, 10) WHEN 0 THEN 'FAILURE' ELSE 'SUCCESS' END AS status)
"""
SCHEDULES_SQL = """
INSERT INTO task_schedule (id, name, version, every_x_hours, timezone, starts_at, dst_gap, dst_fold, operation,
                           arguments, priority, tags, misfire_policy, overlap_policy, jitter_seconds, status,
                           next_run_at, sweep_at, runs_created)
SELECT uuidv7(), 'Customer ' || n, 1, 1, 'UTC', moment, 'auto', 'auto', 'add',
       '{"x": 1, "y": 2}', 5, '{}', 'run_last', 'allow', 0, 'active', moment, moment, 0
  FROM generate_series(1, %s) AS n,
       LATERAL (SELECT CASE n WHEN 1 THEN now() ELSE now() + interval '1 h' END AS moment)
"""
SUMS_SQL = """
SELECT status, count(*), count(result), count(error), sum(version), min(finished_at), max(finished_at)
  FROM task WHERE 'history' = ANY(tags) GROUP BY status ORDER BY status
"""
UNFINISHED_SQL = "SELECT count(*) FROM task WHERE finished_at IS NULL AND run_at <= now()"


class Left(NamedTuple):
    """What is there of the release before: the URLs of its servers, and what it knows in them."""

    database: str
    broker: str
    history: list[tuple[Any, ...]]
    sent: list[UUID]
    """Tasks that are due; messages of all but the first `LOST` are in the broker."""
    running: UUID
    """A task that somebody ran who is gone."""


@pytest.fixture(scope="module")
def left() -> Iterator[Left]:
    psycopg2.extras.register_uuid()  # type: ignore[no-untyped-call]
    with running_postgres() as database, running_valkey() as broker:
        for node in RELEASE_BEFORE:
            migrated = manage("migrate", *node, settings={"DATABASE_URL": database})
            assert migrated.returncode == 0, migrated.stderr
        ask(database, ENDED_SQL, ENDED)
        ask(database, SCHEDULES_SQL, NAMED)
        sent = insert(database, SENT)
        insert(database, 5, delay="2 s")
        insert(database, 5, delay="1 h")
        [running] = insert(database, 1)
        ask(database, before.CLAIM_SQL, id=running, token=uuid4(), node=uuid4(), priority=5)
        before.publish(broker, sent[LOST:])
        before.put_canary(broker)
        yield Left(database, broker, ask(database, SUMS_SQL), sent, running)


def ask(database: str, sql: str, *values: Any, **named: Any) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(sql, values or named or None)
        return cursor.fetchall() if cursor.description else []


def insert(database: str, count: int, delay: str = "0") -> list[UUID]:
    return [row[0] for row in ask(database, before.INSERT_SQL, count=count, priority=5, delay=delay)]


@contextmanager
def at_work(database: str) -> Iterator[list[UUID]]:
    """The release before goes on meanwhile, and none of its statements fails. Yields the tasks that it has run."""
    stop, done, errors = threading.Event(), list[UUID](), list[Exception]()

    def work() -> None:
        while not stop.is_set():
            try:
                done.append(run_one(database))
            except psycopg2.Error as error:
                errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()
    assert errors == []


def run_one(database: str) -> UUID:
    [task], token = insert(database, 1), uuid4()
    for statement in (before.CLAIM_SQL, before.SUCCEED_SQL):
        ask(database, statement, id=task, token=token, node=uuid4(), priority=5)
    ask(database, "UPDATE task_schedule SET name = name WHERE name = 'Customer 7'")
    return task


def ends(database: str, ids: Sequence[UUID]) -> Counter[tuple[str, int]]:
    """How these tasks ended, and in which attempt."""
    return Counter(ask(database, "SELECT status, attempt FROM task WHERE id = ANY(%s)", list(ids)))


RETIRED_SQL = """
SELECT count(*) FILTER (WHERE relname IN ('task_by_status', 'task_by_operation', 'task_by_tag',
                                          'task_schedule_by_status', 'task_schedule_by_operation',
                                          'task_schedule_by_tag')),
       count(*) FILTER (WHERE relname IN ('task_by_priority', 'task_schedule_name_by_piece', 'task_schedule_name_key')),
       count(*) FILTER (WHERE relname ~ '^(task|schedule)_project_')
  FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid WHERE indisvalid
"""
PROJECTS_SQL = """
SELECT (SELECT array_agg(DISTINCT project_id) FROM task), (SELECT array_agg(DISTINCT project_id) FROM task_schedule),
       (SELECT array_agg(DISTINCT project_id) FROM task_schedule_name)
"""


def test_it_is_migrated_at_work_and_all_that_it_left_is_done(left: Left, tmp_path: Path) -> None:
    with at_work(left.database) as done:
        migrated = manage("migrate", settings={"DATABASE_URL": left.database})
    assert migrated.returncode == 0, migrated.stderr
    assert ask(left.database, SUMS_SQL) == left.history
    assert ends(left.database, done) == {("SUCCESS", 1): len(done)}
    # What the release before lists by is left to it; what it does not know, and its constraint of names, are gone.
    assert ask(left.database, RETIRED_SQL) == [(6, 0, 8)]
    assert ask(left.database, PROJECTS_SQL) == [([1], [1], [1])]

    servers = {"DATABASE_URL": left.database, "CELERY_BROKER_URL": left.broker}
    with running_stack(tmp_path, FLOWER="0", **servers) as stack:
        stack.wait_until(lambda: ask(left.database, UNFINISHED_SQL) == [(0,)])
        found = stack.http.get("/task-schedules/", params={"name": "omer 1234"}).json()
        assert [schedule["name"] for schedule in found["results"]] == ["Customer 1234"]
    assert ends(left.database, left.sent) == {("SUCCESS", 1): SENT}
    assert ends(left.database, [left.running]) == {("SUCCESS", 2): 1}
    assert ask(left.database, "SELECT count(*) FROM task WHERE schedule_id IS NOT NULL") == [(1,)]
    assert ask(left.database, SUMS_SQL) == left.history
