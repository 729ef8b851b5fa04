"""What plans need to know besides the schedules' own rows: a statement for each kind of fact, and only where asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from schedules import ledger
from schedules.ledger import Known
from schedules.models import TaskSchedule
from schedules.planning import OverlapPolicy
from tasks_api.database import fetch_all


@dataclass(frozen=True, slots=True)
class Standing:
    """By schedule: rows ahead and rows that wait, how many tasks have not ended, how many of the last ones failed."""

    known: Mapping[UUID, Mapping[datetime, Known]]
    unfinished: Mapping[UUID, int]
    failures: Mapping[UUID, int]


def standing_of(schedules: Sequence[TaskSchedule]) -> Standing:
    """Where these schedules stand, whose rows are locked."""
    heedful = [each.id for each in schedules if each.overlap_policy != OverlapPolicy.ALLOW]
    careful = [each.id for each in schedules if each.pause_after_failures is not None]
    return Standing(
        ledger.known([schedule.id for schedule in schedules]),
        dict(fetch_all(UNFINISHED_SQL, [heedful])) if heedful else {},
        dict(fetch_all(FAILURES_SQL, [careful])) if careful else {},
    )


UNFINISHED_SQL = """
SELECT schedule_id, count(*) FROM task
 WHERE schedule_id = ANY(%s) AND status IN ('PENDING', 'STARTED', 'RETRY')
 GROUP BY schedule_id
"""

# Of the last tasks that succeeded or failed, as many as would have to fail. Those revoked say nothing of the work.
FAILURES_SQL = """
SELECT schedule.id, (
    SELECT count(*) FROM (
        SELECT status FROM task
         WHERE schedule_id = schedule.id AND status IN ('SUCCESS', 'FAILURE') AND finished_at >= failures_since
         ORDER BY task.id DESC LIMIT pause_after_failures) AS last
     WHERE status = 'FAILURE')
  FROM task_schedule AS schedule WHERE id = ANY(%s)
"""
