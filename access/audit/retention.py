"""Old events are deleted from the beginning of their chain, which then begins behind them, with the same hash."""

from typing import Any

from django.db import connection, transaction

from access.audit.sealing import hold

OLDEST_SQL = """
SELECT project_id FROM audit_seal WHERE sealed_at < statement_timestamp() - make_interval(secs => %(seconds)s)
 ORDER BY sealed_at LIMIT 1
"""
# All that is old up to the first that is not: a gap would break the chain.
LAST_OLD_SQL = """
SELECT number, hash FROM (
    SELECT number, hash, bool_and(sealed_at < statement_timestamp() - make_interval(secs => %(seconds)s))
                         OVER (ORDER BY number) AS is_old
      FROM (SELECT * FROM audit_seal WHERE project_id = %(project)s ORDER BY number LIMIT %(limit)s) AS first) AS begun
 WHERE is_old ORDER BY number DESC LIMIT 1
"""
MOVE_SQL = """
UPDATE audit_chain SET first_number = %(number)s + 1, before_first = %(hash)s WHERE project_id = %(project)s
"""
FORGET_EVENTS_SQL = """
DELETE FROM audit_event WHERE id = ANY(ARRAY(
    SELECT event_id FROM audit_seal WHERE project_id = %(project)s AND number <= %(number)s))
"""
FORGET_SEALS_SQL = "DELETE FROM audit_seal WHERE project_id = %(project)s AND number <= %(number)s"


def forget_old_events(days: float, limit: int) -> int:
    """Delete up to `limit` of the events of one project that were sealed longer ago. How many."""
    named: dict[str, Any] = {"seconds": days * 86_400, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(OLDEST_SQL, named)
        oldest = cursor.fetchone()
    return 0 if oldest is None else _forget({**named, "project": oldest[0]})


def _forget(named: dict[str, Any]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        if not hold(cursor, named["project"]):
            return 0
        cursor.execute(LAST_OLD_SQL, named)
        if (last := cursor.fetchone()) is None:
            return 0
        named |= {"number": last[0], "hash": last[1]}
        for statement in (MOVE_SQL, FORGET_EVENTS_SQL, FORGET_SEALS_SQL):
            cursor.execute(statement, named)
        return int(cursor.rowcount)
