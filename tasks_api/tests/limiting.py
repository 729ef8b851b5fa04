"""Limits of statements, so short that a test can wait for them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tasks_api.postgres import Limits, limit_process
from tasks_api.postgres.base import DatabaseWrapper

SHORT = Limits(statement=0.5, lock=0.3, idle_in_transaction=0.4)


@contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """This process has these limits."""
    before = DatabaseWrapper.process_limits
    limit_process(limits)
    connection.close()
    yield
    DatabaseWrapper.process_limits = before
    connection.close()
