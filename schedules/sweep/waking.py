"""Schedules that something other than time concerns: the end of a task, or its failure."""

from functools import partial

from schedules.expansion.facts import FAILURES_OF_SCHEDULE
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.interval import Interval
from tasks_api.isolation.sets import SetStatement, among
from tasks_api.retention import in_batches

FAILURES_SECONDS = 1.0
CHUNK = 500
"""So many at a time. The rest of those whose occurrence is queued is woken in the next turn, after these had theirs."""
LOOKS_BACK_SECONDS = 30
"""A failure that no sweep saw in this time is seen when the schedule is due next."""


def _wake(chosen: str) -> SetStatement:
    choice = f"""
    SELECT id FROM task_schedule WHERE id = ANY(ARRAY({chosen})) AND status = 'active'
       AND (sweep_at IS NULL OR sweep_at > clock_timestamp()) AND {among()}
     ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
    sql = f"""
UPDATE task_schedule SET sweep_at = clock_timestamp() WHERE id = ANY(ARRAY({choice})) RETURNING id
"""  # noqa: S608 (a constant)
    return SetStatement(choice, sql)


# One probe for each occurrence that is queued: whether anything of its schedule has not ended. NOT EXISTS could become
# a join with all that has not.
WAKE_QUEUED = _wake(
    """
    SELECT schedule_id FROM occurrence
     WHERE outcome = 'queued'
       AND (SELECT true FROM task WHERE task.schedule_id = occurrence.schedule_id
               AND status IN ('PENDING', 'STARTED', 'RETRY') LIMIT 1) IS NULL"""
)

WAKE_FAILED = _wake(
    f"""
    SELECT schedule.id
      FROM (SELECT DISTINCT schedule_id FROM task
             WHERE status = 'FAILURE' AND finished_at > statement_timestamp() - make_interval(secs => %(back)s)
               AND schedule_id IS NOT NULL) AS failed
      JOIN task_schedule AS schedule ON schedule.id = failed.schedule_id
     WHERE schedule.status = 'active' AND pause_after_failures IS NOT NULL
       AND pause_after_failures <= {FAILURES_OF_SCHEDULE}"""  # noqa: S608 (a constant)
)


class Waking:
    """Lets the sweep look at schedules before anything of theirs is due."""

    def __init__(self) -> None:
        self._failures = Interval(FAILURES_SECONDS)

    def wake(self, duty: Duty, *, queued: bool) -> int:
        """Those whose occurrence is `queued` and may run, and those whose tasks failed too often. How many."""
        woken = _wake_queued(duty, CHUNK) if queued else 0
        if self._failures.has_come():
            woken += in_batches(partial(_wake_failed, duty), batch=CHUNK)
        return woken


def _wake_queued(duty: Duty, limit: int) -> int:
    return len(WAKE_QUEUED.run({"limit": limit}, duty))


def _wake_failed(duty: Duty, limit: int) -> int:
    return len(WAKE_FAILED.run({"back": LOOKS_BACK_SECONDS, "limit": limit}, duty))
