"""What django-celery-beat takes for schedules that are due. Needs Django, set up for the servers."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import psutil
from redis import Redis

from misc.benchmarks.conditions import wait_until
from misc.benchmarks.peers.contenders import BEAT, Peers
from misc.benchmarks.processes import START_SECONDS, running
from misc.benchmarks.service import MILLISECONDS, Meter, spent

LONGEST_SECONDS = 120.0
QUEUE = "beat"
MODULE = "misc.benchmarks.peers.celery_beat"
ALL_ARE_DUE_SQL = (
    "UPDATE django_celery_beat_periodictask SET last_run_at = now() - interval '1 day' RETURNING 1"
)


class DueOfPeer:
    """Its beat, with so many schedules, none of which runs twice in a round."""

    def __init__(self, meter: Meter, number: int) -> None:
        self._meter, self._number, self._peers = meter, number, Peers()
        self._variables = self._peers.variables(BEAT)
        self._redis = Redis.from_url(self._variables["CELERY_BROKER_URL"])
        self._peers.run(self._peers.argv(MODULE, str(number)), self._variables)

    def each(self, rounds: int) -> float:
        """Milliseconds of CPU for a schedule that is due, the median of some rounds."""
        return median(self._round() for _ in range(rounds))

    def _round(self) -> float:
        """From its first message on, when it has read its schedules, until the last. Later it writes that they ran."""
        self._redis.delete(QUEUE)
        self._peers.ask(ALL_ARE_DUE_SQL, [])
        with self._beat() as beat:
            wait_until(lambda: self._sent, START_SECONDS, "the first schedule has run")
            sent, before = self._sent, self._spent(beat)
            wait_until(
                lambda: self._sent >= self._number, LONGEST_SECONDS, f"{self._number} schedules have run"
            )
            return (self._spent(beat) - before) * MILLISECONDS / max(self._number - sent, 1)

    @contextmanager
    def _beat(self) -> Iterator[psutil.Process]:
        argv = self._peers.argv("celery", "-A", MODULE, "beat", "--pidfile=", "-l", "WARNING")
        with running(argv, self._variables) as beat:
            yield beat

    @property
    def _sent(self) -> int:
        return int(self._redis.llen(QUEUE))

    def _spent(self, beat: psutil.Process) -> float:
        return spent(beat) + self._meter.spent_by_servers()
