"""What a benchmark of the service runs on: servers of its own, and a meter of what all that takes part costs."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from testing.servers import running_postgres, running_valkey

MILLISECONDS = 1e3


class Meter:
    """The CPU of this process, of Postgres and of Valkey."""

    def __init__(self, servers: list[psutil.Process]) -> None:
        self._servers = servers

    def cost(self, work: Callable[[], object]) -> float:
        """Milliseconds that some work takes, all together. The clock of other processes ticks every 10."""
        before = self._spent()
        work()
        return (self._spent() - before) * MILLISECONDS

    def spent_by_servers(self) -> float:
        """Seconds of Postgres and of Valkey, until now."""
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
def running_service(**settings: str) -> Iterator[Meter]:
    """Postgres and Valkey while the context lasts, with Django set up to use them. Once in a process."""
    with running_postgres() as database, running_valkey() as broker:
        os.environ |= {"DEVELOPMENT": "1", "DATABASE_URL": database, "CELERY_BROKER_URL": broker, **settings}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        _set_up()
        yield Meter(_servers(broker))


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _servers(broker: str) -> list[psutil.Process]:
    from redis import Redis

    from tasks_api.database import fetch_all

    [(backend,)] = fetch_all("SELECT pg_backend_pid()", [])
    postgres = psutil.Process(backend).parent()
    assert postgres is not None  # noqa: S101 (a backend is never alone)
    return [postgres, psutil.Process(Redis.from_url(broker).info("server")["process_id"])]
