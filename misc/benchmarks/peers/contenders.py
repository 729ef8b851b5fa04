"""Peers who work tasks off, on the same servers: a database and a broker's database of their own."""

import os
import subprocess
from collections.abc import Sequence
from urllib.parse import urlsplit

import psycopg2
from redis import Redis

from misc.benchmarks.contenders import (
    CELERY_WORKER,
    KEEPS_CONNECTIONS,
    Contender,
    IsDone,
    all_have,
    celery_client,
    programs,
)
from misc.benchmarks.peers import environment
from tasks_api.database import execute

DATABASE = "peers"
ALONE, RESULTS, BEAT = "1", "2", "3"
"""Databases of the broker."""
PROCRASTINATE = "misc.benchmarks.peers.procrastinate_tasks.app"


class Peers:
    """Their environment and their database, made now. Needs Django, set up for the servers."""

    def __init__(self) -> None:
        self._python = environment.python()
        execute(f"CREATE DATABASE {DATABASE}", None)
        self._database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{DATABASE}").geturl()
        self._connection = psycopg2.connect(self._database)
        self._connection.autocommit = True

    def alone(self) -> Contender:
        """Celery without results. A message is gone once its task has begun: done is what the broker holds no more."""
        variables = self.variables(ALONE)
        broker = variables["CELERY_BROKER_URL"]
        client, redis = celery_client(broker), Redis.from_url(broker)

        def send(count: int) -> IsDone:
            for _ in range(count):
                client.send_task("alone.add", [1, 2], queue="alone", ignore_result=True)
            return lambda: not redis.llen("alone") and not redis.hlen("unacked")

        argv = self.argv("celery", "-A", "misc.benchmarks.peers.celery_alone", *CELERY_WORKER)
        return Contender(lambda: programs([argv], variables), send)

    def results(self) -> Contender:
        """Celery with django-celery-results."""
        variables = self.variables(RESULTS)
        client, module = celery_client(variables["CELERY_BROKER_URL"]), "misc.benchmarks.peers.celery_results"
        self.run(self.argv(module), variables)

        def send(count: int) -> IsDone:
            ids = [client.send_task("results.add", [1, 2], queue="results").id for _ in range(count)]
            return all_have(self.ask, "django_celery_results_taskresult", "task_id", ids, "SUCCESS")

        argv = self.argv("celery", "-A", module, *CELERY_WORKER)
        return Contender(lambda: programs([argv], variables), send)

    def procrastinate(self) -> Contender:
        """procrastinate, two processes."""
        variables = self.variables(ALONE)
        command = self.argv("procrastinate", f"--app={PROCRASTINATE}")
        self.run([*command, "schema", "--apply"], variables)

        def send(count: int) -> IsDone:
            [(ids,)] = self.ask(DEFER_SQL, [count])
            assert isinstance(ids, list)  # noqa: S101 (of numbers)
            return all_have(self.ask, "procrastinate_jobs", "id", ids, "succeeded")

        argv = [*command, "worker", "--concurrency=1"]
        return Contender(lambda: programs([argv, argv], variables), send)

    def argv(self, module: str, *arguments: str) -> list[str]:
        """How to run a module of theirs."""
        return [self._python, "-m", module, *arguments]

    def variables(self, number: str) -> dict[str, str]:
        """The environment of a program of theirs, with this database of the broker."""
        broker = urlsplit(os.environ["CELERY_BROKER_URL"])._replace(path=f"/{number}").geturl()
        return {"DATABASE_URL": self._database, "CELERY_BROKER_URL": broker, **KEEPS_CONNECTIONS}

    def run(self, argv: Sequence[str], variables: dict[str, str]) -> None:
        """Run a program of theirs to its end."""
        subprocess.run(argv, env={**os.environ, **variables}, check=True)

    def ask(self, sql: str, parameters: Sequence[object]) -> Sequence[tuple[object, ...]]:
        """The rows that a statement in their database finds."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()


# What its `batch_defer` sends.
DEFER_SQL = """
SELECT procrastinate_defer_jobs_v1(ARRAY(
           SELECT ROW('default', 'add', 0, NULL, NULL, '{"a": 1, "b": 2}', NULL)::procrastinate_job_to_defer_v1
             FROM generate_series(1, %s)))
"""
