"""What the page of a task tells besides the task: what it waits for, its neighbours, and how many failed alike."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tasks_api import transitions
from tasks_api.database import fetch_one
from tasks_api.lifecycle import WAITING, Status
from tasks_api.models import Task
from tasks_api.roll_up import totals
from tasks_api.roll_up.periods import Period, usual_step

MOST_COUNTED = 1_000
"""So many are counted exactly; beyond, it is told that there are more."""
USUAL_SPAN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a task: its schedule's name and neighbours, those that failed alike, and those ahead of it."""

    now: datetime
    schedule_name: str | None
    before: UUID | None
    after: UUID | None
    alike: int
    ahead: int

    def waits_for(self, task: Task, slots: int) -> str:
        """Why a waiting task does not run yet, in words."""
        if task.run_at > self.now:
            return "its next attempt" if task.status == Status.RETRY else "its time"
        if not slots:
            return "a worker: none is alive"
        if not self.ahead:
            return "a free slot: nothing is ahead of it"
        more = "+" if self.ahead > MOST_COUNTED else ""
        count = f"{min(self.ahead, MOST_COUNTED):,}{more}"
        return (
            f"a free slot: {count} of its priority or a higher one {'is' if self.ahead == 1 else 'are'} ahead"
        )


_IN_BACKLOG = "dispatch_at = '-infinity'::timestamptz"
# One that is to run later was sent once at most, and its next time is ahead.
_IS_SENT = "dispatch_at IS NOT NULL AND dispatch_count > 0 AND run_at <= statement_timestamp()"
# Each by an index, and each counts to a bound. Only a task that waits has any ahead of it: of the backlog those come
# first in the order of its index, and what was sent is a window.
AROUND_SQL = f"""
SELECT statement_timestamp(),
       (SELECT coalesce(name, id::text) FROM task_schedule
         WHERE id = %(schedule)s AND project_id = %(project)s),
       (SELECT id FROM task WHERE schedule_id = %(schedule)s AND id < %(id)s AND project_id = %(project)s
         ORDER BY id DESC LIMIT 1),
       (SELECT id FROM task WHERE schedule_id = %(schedule)s AND id > %(id)s AND project_id = %(project)s
         ORDER BY id LIMIT 1),
       (SELECT count(*) FROM (
            SELECT FROM task WHERE project_id = %(project)s AND fingerprint = %(fingerprint)s
               AND status = 'FAILURE' AND fingerprint IS NOT NULL LIMIT %(most)s) AS alike),
       CASE WHEN %(waits)s THEN (SELECT count(*) FROM (
            (SELECT priority, id FROM task WHERE {_IN_BACKLOG} AND priority >= %(priority)s
              ORDER BY priority DESC, id LIMIT %(most)s) UNION ALL
            (SELECT priority, id FROM task WHERE {_IS_SENT} AND priority >= %(priority)s)) AS waiting
         WHERE priority > %(priority)s OR id < %(id)s) ELSE 0 END
"""  # noqa: S608 (constants)


def around(task: Task) -> Around:
    """What stands around this task. One statement."""
    row = fetch_one(
        AROUND_SQL,
        {
            "id": task.id,
            "project": task.project_id,
            "schedule": task.schedule_id,
            "fingerprint": task.fingerprint,
            "priority": task.priority,
            "waits": task.status in WAITING,
            "most": MOST_COUNTED + 1,
        },
    )
    assert row is not None  # noqa: S101 (the statement always answers with one row)
    return Around(*row)


def usual_seconds(task: Task, now: datetime) -> float | None:
    """How long half of the tasks of this operation took, at most, within the last day; None: there were none."""
    period = Period.around(now - USUAL_SPAN, now, usual_step(USUAL_SPAN))
    ended = totals.ended_in(period, task.project_id, task.operation)
    return totals.together(ended.values()).measures["running"].percentile(0.5)


def slots() -> int:
    """How many tasks all workers that are alive run at once."""
    return transitions.slots()[0]
