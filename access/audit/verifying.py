"""Whether the audit log is what was written: each event is held against its seal, each seal against the one before."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from access.audit.chain import BEGINNING, COLUMNS, Break, Head, Link, check
from access.models import AuditChain, AuditEvent, AuditSeal

BATCH = 1_000

UNKNOWN_SQL = """
SELECT id FROM audit_event AS event WHERE project_id = %(project)s
   AND NOT EXISTS (SELECT FROM audit_seal WHERE event_id = event.id)
   AND NOT EXISTS (SELECT FROM audit_unsealed WHERE event_id = event.id)
 ORDER BY id LIMIT 1
"""
LOST_SQL = """
SELECT event_id FROM audit_unsealed AS unsealed WHERE project_id = %(project)s
   AND NOT EXISTS (SELECT FROM audit_event WHERE id = unsealed.event_id)
 ORDER BY event_id LIMIT 1
"""
UNSEALED_SQL = "SELECT count(*) FROM audit_unsealed WHERE project_id = %(project)s"
PROJECTS_SQL = """
SELECT project_id FROM audit_chain
UNION SELECT DISTINCT project_id FROM audit_seal
UNION SELECT DISTINCT project_id FROM audit_event
ORDER BY project_id
"""


@dataclass(frozen=True, slots=True)
class Intact:
    """A chain in which nothing was changed since it was sealed."""

    sealed: int
    unsealed: int
    last_number: int
    last_hash: bytes


def projects() -> list[int]:
    """The projects that have events."""
    with connection.cursor() as cursor:
        cursor.execute(PROJECTS_SQL)
        return [project_id for (project_id,) in cursor.fetchall()]


def verify(project_id: int) -> Intact:
    """Read all of one chain, as it is at one moment. Raises Break."""
    is_alone = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_alone:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        chain = AuditChain.objects.filter(project_id=project_id).first()
        head = Head(1, BEGINNING, 0, BEGINNING) if chain is None else _head_of(chain)
        sealed = check(head, _links(project_id))
        for statement, what in (
            (UNKNOWN_SQL, "was put in unsealed"),
            (LOST_SQL, "is missing, before it was sealed"),
        ):
            cursor.execute(statement, {"project": project_id})
            if found := cursor.fetchone():
                raise Break(f"event {found[0]} {what}")
        cursor.execute(UNSEALED_SQL, {"project": project_id})
        (unsealed,) = cursor.fetchone()
    return Intact(sealed, unsealed, head.last_number, head.last_hash)


def _head_of(chain: AuditChain) -> Head:
    before, last = bytes(chain.before_first), bytes(chain.last_hash)
    return Head(chain.first_number, before, chain.last_number, last)


def _links(project_id: int) -> Iterator[Link]:
    """All links of a chain in order, some at a time."""
    number = -(2**63)
    while True:
        rows = AuditSeal.objects.filter(project_id=project_id, number__gt=number).order_by("number")[:BATCH]
        seals = list(rows)
        events = _events([seal.event_id for seal in seals])
        for seal in seals:
            yield Link(seal.number, bytes(seal.hash), seal.event_id, events.get(seal.event_id))
        if len(seals) < BATCH:
            return
        number = seals[-1].number


def _events(ids: list[UUID]) -> dict[UUID, dict[str, object]]:
    return {event["id"]: event for event in AuditEvent.objects.filter(id__in=ids).values(*COLUMNS)}
