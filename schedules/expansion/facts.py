"""What plans need to know besides the schedules' own rows: a statement for each kind of fact, and only where asked."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schedules import ledger
from schedules.models import TaskSchedule
from schedules.planning import Entry, OverlapPolicy
from tasks_api.database import fetch_all


@dataclass(frozen=True, slots=True)
class Facts:
    """By schedule: rows ahead and rows that wait, whether tasks have not ended, how many of the last ones failed."""

    known: Mapping[UUID, Mapping[datetime, Entry]]
    unfinished: Set[UUID]
    failures: Mapping[UUID, int]


def facts_of(schedules: Sequence[TaskSchedule]) -> Facts:
    """Where these schedules stand, whose rows are locked."""
    heedful = [each.id for each in schedules if each.overlap_policy != OverlapPolicy.ALLOW]
    careful = [each.id for each in schedules if each.pause_after_failures is not None]
    return Facts(
        ledger.known([schedule.id for schedule in schedules]),
        {row[0] for row in fetch_all(UNFINISHED_SQL, [heedful])} if heedful else set(),
        dict(fetch_all(FAILURES_SQL, [careful])) if careful else {},
    )


# One probe for each: a backfill may have left ten thousand that wait.
UNFINISHED_SQL = """
SELECT schedule.id
  FROM unnest(%s::uuid[]) AS schedule(id)
 CROSS JOIN LATERAL (
    SELECT FROM task WHERE schedule_id = schedule.id AND status IN ('PENDING', 'STARTED', 'RETRY') LIMIT 1) AS one
"""

# Of the last tasks to succeed or fail, as many as would have to fail. Those revoked say nothing of the work.
FAILURES_OF_SCHEDULE = """(
    SELECT count(*) FILTER (WHERE last.status = 'FAILURE') FROM (
        SELECT status FROM task
         WHERE schedule_id = schedule.id AND status IN ('SUCCESS', 'FAILURE') AND finished_at >= failures_since
         ORDER BY finished_at DESC, task.id DESC LIMIT greatest(pause_after_failures, 0)) AS last)"""
FAILURES_SQL = f"""
SELECT schedule.id, {FAILURES_OF_SCHEDULE} FROM task_schedule AS schedule WHERE id = ANY(%s)
"""  # noqa: S608 (a constant)
