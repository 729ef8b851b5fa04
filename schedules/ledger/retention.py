"""The ledger of occurrences does not grow for ever."""

from functools import partial

from django.conf import settings

from schedules.ledger import WAITING_VALUES
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.sets import SetStatement, among
from tasks_api.retention import in_batches

# Schedules are locked first, as by a sweep. What a backfill recorded of a time before the schedule was there stays
# until `ledger_from` gets there: else the same could be run again.
_CUTOFF = """
WITH cutoff AS MATERIALIZED (SELECT statement_timestamp() - make_interval(secs => %(seconds)s) AS at)"""
_OLD = f"""
    SELECT occurrence.id, schedule_id FROM occurrence JOIN task_schedule AS schedule ON schedule.id = schedule_id
     WHERE last_scheduled_for < (SELECT at FROM cutoff) AND schedule.created_at < (SELECT at FROM cutoff)
       AND NOT outcome = ANY(%(waiting)s) AND {among("occurrence.id")}
     ORDER BY last_scheduled_for LIMIT %(limit)s"""  # noqa: S608 (a constant)
FORGET = SetStatement(
    f"{_CUTOFF} {_OLD}",
    f"""{_CUTOFF},
old AS MATERIALIZED ({_OLD}),
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
SELECT schedule_id FROM gone
""",  # noqa: S608 (a constant)
)


def forget_old_occurrences(duty: Duty | None = None) -> int:
    """Remove the record of occurrences that lie further back than the retention. How many rows."""
    return in_batches(partial(_forget, duty))


def _forget(duty: Duty | None, limit: int) -> int:
    seconds = settings.RETENTION_OCCURRENCE_DAYS * 86_400
    parameters = {"seconds": seconds, "limit": limit, "waiting": WAITING_VALUES}
    return len(FORGET.run(parameters, duty))
