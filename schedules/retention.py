"""The ledger of occurrences does not grow for ever."""

from django.conf import settings

from schedules.ledger import WAITING_VALUES
from tasks_api.database import fetch_one
from tasks_api.retention import in_batches

# Schedules are locked first, as by a sweep. What a backfill recorded of a time before the schedule was there stays
# until `ledger_from` gets there: else the same could be run again.
FORGET_SQL = """
WITH cutoff AS MATERIALIZED (SELECT statement_timestamp() - make_interval(secs => %(seconds)s) AS at),
old AS MATERIALIZED (
    SELECT occurrence.id, schedule_id FROM occurrence JOIN task_schedule AS schedule ON schedule.id = schedule_id
     WHERE last_scheduled_for < (SELECT at FROM cutoff) AND schedule.created_at < (SELECT at FROM cutoff)
       AND NOT outcome = ANY(%(waiting)s)
     ORDER BY last_scheduled_for LIMIT %(limit)s),
locked AS MATERIALIZED (
    SELECT id FROM task_schedule WHERE id = ANY(ARRAY(SELECT schedule_id FROM old)) ORDER BY id FOR UPDATE SKIP LOCKED),
gone AS (
    DELETE FROM occurrence
     WHERE id = ANY(ARRAY(SELECT old.id FROM old JOIN locked ON locked.id = schedule_id))
       AND last_scheduled_for < (SELECT at FROM cutoff)
    RETURNING schedule_id),
moved AS (
    UPDATE task_schedule SET ledger_from = greatest(ledger_from, (SELECT at FROM cutoff))
     WHERE id = ANY(ARRAY(SELECT schedule_id FROM gone)))
SELECT count(*) FROM gone
"""


def forget_old_occurrences() -> int:
    """Remove the record of occurrences that lie further back than the retention. How many rows."""
    return in_batches(_forget)


def _forget(limit: int) -> int:
    seconds = settings.RETENTION_OCCURRENCE_DAYS * 86_400
    row = fetch_one(FORGET_SQL, {"seconds": seconds, "limit": limit, "waiting": WAITING_VALUES})
    return row[0] if row else 0
