"""Requests that were sent twice and take effect once: the key is written in the transaction of the effect."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

KEPT_HOURS = 24

Ids = list[UUID | None]
"""Of what a request created, in its order; None where an item of a batch was refused."""


class KeyReused(Exception):
    """The key stands for another request."""

    def __str__(self) -> str:
        return "this Idempotency-Key was used before with a different body or query; nothing was changed"


@dataclass(frozen=True, slots=True)
class Key:
    """What a client calls a request, and what that request is.

    `earlier_hash`: what the releases before would have kept of it.
    """

    scope: str
    key: str
    request_hash: bytes
    earlier_hash: bytes


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the same request led to before."""

    status: int
    ids: Ids
    report: Any = None


# Whoever comes second waits here for the first one's COMMIT. An old key that is still there is as good as none.
BEGIN_SQL = f"""
INSERT INTO idempotency_key (scope, key, request_hash, status, ids) VALUES (%s, %s, %s, 0, '[]')
    ON CONFLICT (scope, key) DO UPDATE SET request_hash = excluded.request_hash, created_at = now()
 WHERE idempotency_key.created_at < now() - interval '{KEPT_HOURS} hours'
RETURNING true
"""  # noqa: S608 (a constant)


def begin(key: Key) -> Earlier | None:
    """None: the key is new, and taken if this transaction is committed. Otherwise what it led to. Raises KeyReused."""
    if _fetch_one(BEGIN_SQL, [key.scope, key.key, key.request_hash]):
        return None
    row = _fetch_one(
        "SELECT request_hash, status, ids::text, report::text FROM idempotency_key WHERE scope = %s AND key = %s",
        [key.scope, key.key],
    )
    assert row is not None  # noqa: S101 (the statement before has locked it)
    request_hash, status, ids, report = row
    if bytes(request_hash) not in (key.request_hash, key.earlier_hash):
        raise KeyReused
    return Earlier(
        status, [number and UUID(number) for number in json.loads(ids)], report and json.loads(report)
    )


def keep(key: Key, status: int, ids: Sequence[UUID | None], report: Any = None) -> None:
    """Write down what the request led to, in the transaction that began with `begin`."""
    created = json.dumps([number and str(number) for number in ids])
    answer = None if report is None else json.dumps(report)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE idempotency_key SET status = %s, ids = %s, report = %s WHERE scope = %s AND key = %s",
            [status, created, answer, key.scope, key.key],
        )


def _fetch_one(sql: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
