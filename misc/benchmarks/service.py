"""What a benchmark of the service runs on: servers of its own, and a meter of what all that takes part costs."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from testing.rabbitmq import running_rabbitmq
from testing.servers import running_postgres, running_valkey

MILLISECONDS = 1e3


class Meter:
    """The CPU of this process, of Postgres and of the broker."""

    def __init__(self, postgres: psutil.Process, broker: psutil.Process) -> None:
        self._servers = [postgres, broker]
        self.postgres, self.broker = postgres, broker

    def cost(self, work: Callable[[], object]) -> float:
        """Milliseconds that some work takes, all together. The clock of other processes ticks every 10."""
        before = self._spent()
        work()
        return (self._spent() - before) * MILLISECONDS

    def spent_by_servers(self) -> float:
        """Seconds of Postgres and of the broker, until now."""
        return sum(map(spent, self._servers))

    def _spent(self) -> float:
        return spent(psutil.Process()) + self.spent_by_servers()


def spent(process: psutil.Process) -> float:
    """Seconds of a process and of its children, those that ended too."""
    times = process.cpu_times()
    ended = times.children_user + times.children_system
    alive = sum(sum(child.cpu_times()[:2]) for child in process.children())
    return float(times.user + times.system + ended + alive)


@contextmanager
def running_service(*, on_rabbitmq: bool = False, **settings: str) -> Iterator[Meter]:
    """Postgres and a broker while the context lasts, with Django set up to use them. Once in a process."""
    brokers = _rabbitmq if on_rabbitmq else _valkey
    with running_postgres() as database, brokers() as (url, broker):
        os.environ |= {"DEVELOPMENT": "1", "DATABASE_URL": database, "CELERY_BROKER_URL": url, **settings}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        _set_up()
        yield Meter(_postgres(), psutil.Process(broker))


@contextmanager
def _valkey() -> Iterator[tuple[str, int]]:
    """Its URL, and the id of its process."""
    from redis import Redis

    with running_valkey() as url:
        yield url, Redis.from_url(url).info("server")["process_id"]


@contextmanager
def _rabbitmq() -> Iterator[tuple[str, int]]:
    """Its URL, and the id of its process."""
    with tempfile.TemporaryDirectory() as folder, running_rabbitmq(Path(folder)) as node:
        yield node.url, int(node.control("eval", "list_to_integer(os:getpid())."))


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _postgres() -> psutil.Process:
    from tasks_api.database import fetch_all

    [(backend,)] = fetch_all("SELECT pg_backend_pid()", [])
    postgres = psutil.Process(backend).parent()
    assert postgres is not None  # noqa: S101 (a backend is never alone)
    return postgres
