"""Who works tasks off: Punctual, and the least that does the same. Needs Django, set up for the servers."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

import psutil
from celery import Celery

from misc.benchmarks.processes import running, running_roles
from tasks_api.broker.publisher import publisher
from tasks_api.database import execute, fetch_all
from tasks_api.submission import NewTask, submit

ADDED = {"x": 1, "y": 2}
ROLES = ("worker", "sweeper", "beat")
"""All that take part in running a task: what the broker does not hold yet, the sweep hands over."""
CELERY_WORKER = (
    "worker",
    "-c",
    "2",
    "-l",
    "WARNING",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
)

KEEPS_CONNECTIONS = {"DJANGO_SETTINGS_MODULE": ""}
"""For a worker of Celery. Where Celery finds that variable, it makes a new database connection for each task."""

BARE_TABLE_SQL = """
CREATE TABLE bare_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, status text NOT NULL, result jsonb,
                       started_at timestamptz, finished_at timestamptz)
"""

IsDone = Callable[[], bool]
Ask = Callable[[str, Sequence[object]], Sequence[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Contender:
    """Its processes while they run, and how it is sent so many tasks; what `send` returns tells if all are done."""

    running: Callable[[], AbstractContextManager[Sequence[psutil.Process]]]
    send: Callable[[int], IsDone]


def ours() -> Contender:
    """Punctual's worker, its sweeper and its beat."""

    @contextmanager
    def all_roles() -> Iterator[Sequence[psutil.Process]]:
        with running_roles(*ROLES) as roles:
            yield list(roles.values())

    def send(count: int) -> IsDone:
        task = {"operation": "add", "arguments": ADDED, "max_attempts": 3, "timeout_seconds": 30.0}
        tasks = submit([NewTask(**task) for _ in range(count)]).tasks  # type: ignore[arg-type]
        publisher.drain(60)
        return all_have(fetch_all, "task", "id", [task.id for task in tasks], "SUCCESS")

    return Contender(all_roles, send)


def bare() -> Contender:
    """Celery and two UPDATEs."""
    client = celery_client(os.environ["CELERY_BROKER_URL"])
    execute(BARE_TABLE_SQL, None)

    def send(count: int) -> IsDone:
        sql = "INSERT INTO bare_row (status) SELECT 'PENDING' FROM generate_series(1, %s) RETURNING id"
        ids = [row_id for [row_id] in fetch_all(sql, [count])]
        for row_id in ids:
            client.send_task("bare.add", [row_id, 1, 2], queue="bare", ignore_result=True)
        return all_have(fetch_all, "bare_row", "id", ids, "SUCCESS")

    argv = [sys.executable, "-m", "celery", "-A", "misc.benchmarks.bare", *CELERY_WORKER]
    return Contender(lambda: programs([argv], KEEPS_CONNECTIONS), send)


def all_have(ask: Ask, table: str, key: str, ids: Sequence[object], status: str) -> IsDone:
    """Whether all rows have come to a status. Until the last one has, it costs no more than to look that one up."""
    has = f"FROM {table} WHERE status = '{status}' AND {key}"

    def is_done() -> bool:
        if not ask(f"SELECT {has} = %s", [ids[-1]]):
            return False
        return ask(f"SELECT count(*) {has} = ANY(%s)", [list(ids)]) == [(len(ids),)]

    return is_done


def celery_client(broker: str) -> Celery:
    """An application that sends, and does not become that of this process."""
    client = Celery("client", set_as_current=False)
    client.conf.broker_write_url = (
        broker  # which, other than `broker`, the variable CELERY_BROKER_URL does not change
    )
    return client


@contextmanager
def programs(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str]
) -> Iterator[Sequence[psutil.Process]]:
    """Programs of others while the context lasts."""
    with ExitStack() as stack:
        yield [stack.enter_context(running(argv, environment)) for argv in commands]
