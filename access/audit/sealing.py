"""Gives events their places in the chains, in the order of their ids, as far as they are committed.

What is committed late comes behind what is sealed already. Whoever seals holds the chain, so that no two go on from the
same place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from access.audit.chain import BEGINNING, COLUMNS, continued
from access.models import AuditChain, AuditEvent

MOST_CHAINS = 50
"""In one turn, and so many events of each."""
MOST_EVENTS = 2_000

WAITING_SQL = """
SELECT DISTINCT project_id FROM audit_unsealed WHERE project_id <> ALL(%(left_out)s::int[]) LIMIT %(limit)s
"""
# Of this name there is one lock for each chain. Nobody waits for it.
LOCK_SQL = "SELECT pg_try_advisory_xact_lock(%(lock)s, %(project)s)"
LOCK = int.from_bytes(b"seal")
UNSEALED_SQL = """
SELECT event_id FROM audit_unsealed JOIN audit_event AS event ON event.id = event_id
 WHERE audit_unsealed.project_id = %(project)s ORDER BY event_id LIMIT %(limit)s
"""
SEAL_SQL = """
INSERT INTO audit_seal (event_id, project_id, number, hash)
SELECT event_id, %(project)s, number, hash FROM unnest(%(ids)s::uuid[], %(numbers)s::bigint[], %(hashes)s::bytea[])
    AS sealed (event_id, number, hash)
"""
SEALED_SQL = "DELETE FROM audit_unsealed WHERE event_id = ANY(%(ids)s::uuid[])"


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many events got their places, and where the chain ends now."""

    count: int
    last_number: int
    last_hash: bytes


def waiting(left_out: Sequence[int] = ()) -> list[int]:
    """Projects of which events wait for their places."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING_SQL, {"left_out": list(left_out), "limit": MOST_CHAINS})
        return [project_id for (project_id,) in cursor.fetchall()]


def seal(project_id: int) -> Sealed | None:
    """Seal what waits of one project, as much as fits a turn; None: another process does, or nothing waits."""
    named: dict[str, Any] = {"project": project_id, "limit": MOST_EVENTS}
    with transaction.atomic(), connection.cursor() as cursor:
        if not hold(cursor, project_id):
            return None
        cursor.execute(UNSEALED_SQL, named)
        ids = [event_id for (event_id,) in cursor.fetchall()]
        events = list(AuditEvent.objects.filter(id__in=ids).order_by("id").values(*COLUMNS))
        if not events:
            return None
        chain = AuditChain.objects.filter(project_id=project_id).first() or _new_chain(project_id)
        places = continued(chain.last_number, bytes(chain.last_hash), events)
        numbers, hashes = [number for number, _ in places], [made for _, made in places]
        sealed = {**named, "ids": [event["id"] for event in events], "numbers": numbers, "hashes": hashes}
        cursor.execute(SEAL_SQL, sealed)
        cursor.execute(SEALED_SQL, sealed)
        chain.last_number, chain.last_hash = places[-1]
        chain.save()
    return Sealed(len(places), *places[-1])


def hold(cursor: Any, project_id: int) -> bool:
    """Whether nobody else changes this chain until the transaction ends."""
    cursor.execute(LOCK_SQL, {"lock": LOCK, "project": project_id})
    return bool(cursor.fetchone()[0])


def _new_chain(project_id: int) -> AuditChain:
    return AuditChain(project_id=project_id, last_hash=BEGINNING, before_first=BEGINNING)
