"""Postgres as Django's database: statements that end, plans that are kept, a word on what may have been committed.

`base` is where Django looks for it.
"""

from typing import Any

from django.db import connection

from tasks_api.postgres.limits import BEAT, CLAIM, NODE, SWEEP, WEB, Limits
from tasks_api.postgres.prepared import Prepared

__all__ = [
    "BEAT",
    "CLAIM",
    "NODE",
    "SWEEP",
    "WEB",
    "Limits",
    "Prepared",
    "is_stopped",
    "limit_connection",
    "limit_process",
]

STOPPED = ("57014", "55P03", "40P01", "40001")
"""A statement or its wait for a lock took too long; or two waited for each other."""


def limit_process(limits: Limits) -> None:
    """Let the limits hold for every connection that this process opens from now on, unless it has its own."""
    from tasks_api.postgres.base import DatabaseWrapper

    DatabaseWrapper.process_limits = limits


def limit_connection(limits: Limits) -> None:
    """Let the limits hold for this thread's connection, which is opened anew."""
    ours: Any = connection
    ours.limits = limits
    ours.close()


def is_stopped(error: BaseException) -> bool:
    """Whether Postgres gave up on a statement, which changed nothing. The connection is as good as before."""
    return getattr(error.__cause__, "pgcode", None) in STOPPED
