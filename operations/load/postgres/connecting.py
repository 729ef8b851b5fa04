"""Connections to targets."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)
from psycopg2.extensions import parse_dsn

from operations.commands.definition import SecretName
from operations.errors import permanent
from operations.load.definition import Target
from operations.load.failures import told

CONNECT_SECONDS = 15
_NOTICES_IDLE_AFTER = "60s"
_SETTINGS = (
    # A worker that is stopped or cut off holds no locks for long, and a dead one none.
    ("idle_in_transaction_session_timeout", _NOTICES_IDLE_AFTER),
    ("client_connection_check_interval", "5s"),
)


@contextmanager
def connected(target: Target, secret: Callable[[str], str], program: str) -> Iterator[Connection]:
    """A connection while the context lasts. Each statement is a transaction until one begins."""
    with told():
        connection = psycopg2.connect(**_parameters(target, secret), application_name=f"punctual {program}")
    try:
        with told():
            connection.autocommit = True
            if target.dialect == "postgres":
                _prepare(connection)
            yield connection
    finally:
        connection.close()


def _parameters(target: Target, secret: Callable[[str], str]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
    }
    url = secret(target.url.name) if isinstance(target.url, SecretName) else target.url
    try:
        given |= parse_dsn(url)
    except psycopg2.ProgrammingError:  # which shows it
        raise permanent("target_unreachable", "the secret that `url` of the target names is no URL") from None
    if target.password is not None:
        given["password"] = secret(target.password.name)
    return given | {"client_encoding": "UTF8"}


def _prepare(connection: Connection) -> None:
    with connection.cursor() as cursor:
        for name, value in _SETTINGS:
            # An older server does not know each.
            cursor.execute(
                "SELECT set_config(name, %s, false) FROM pg_catalog.pg_settings WHERE name = %s",
                [value, name],
            )


class Deadline:
    """No statement runs on when the time of the load is over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def hold(self, connection: Connection) -> None:
        """What follows may take what is left."""
        left = max(1, int((self._end - time.monotonic()) * 1000))
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {left}")  # a number of ours
