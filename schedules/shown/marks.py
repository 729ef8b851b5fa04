"""The last instants of many schedules, each with what became of it, and what they say together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from uuid import UUID

from schedules.planning import Outcome
from tasks_api.database import fetch_all
from tasks_api.lifecycle import Status

LENGTH = 30
"""How many marks a schedule has at most."""

# Each schedule's newest rows by the index that has them in order, then each task by its id: OFFSET keeps the planner
# from reading all tasks instead.
MARKS_SQL = """
SELECT own.id, seen.scheduled_for, seen.last_scheduled_for, seen.count, seen.outcome, seen.reason, seen.task_id,
       task.status, extract(epoch FROM task.finished_at - task.started_at)::float8
  FROM unnest(%(ids)s::uuid[]) AS own(id)
 CROSS JOIN LATERAL (
    SELECT scheduled_for, last_scheduled_for, count, outcome, reason, task_id
      FROM occurrence WHERE schedule_id = own.id AND scheduled_for <= %(now)s
     ORDER BY scheduled_for DESC LIMIT %(length)s) AS seen
  LEFT JOIN LATERAL (
    SELECT status, started_at, finished_at FROM task WHERE id = seen.task_id OFFSET 0) AS task ON true
 ORDER BY own.id, seen.scheduled_for
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant, or a run of `count` instants with the same outcome, from `first` to `last`.

    `status`: of its task, if that is still kept. `seconds`: how long the task's last try took.
    """

    first: datetime
    last: datetime
    count: int
    outcome: str
    reason: str | None
    task_id: UUID | None = None
    status: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Strip:
    """The marks of a schedule, the oldest first."""

    marks: Sequence[Mark] = ()

    @property
    def success_rate(self) -> float | None:
        """Of its tasks that ended by themselves, the share that succeeded: 0 to 1; None: there is none."""
        ended = [mark.status for mark in self.marks if mark.status in (Status.SUCCESS, Status.FAILURE)]
        return ended.count(Status.SUCCESS) / len(ended) if ended else None

    @property
    def typical_seconds(self) -> float | None:
        """The median of how long tasks ran that succeeded; None: there is none."""
        took = [
            mark.seconds for mark in self.marks if mark.status == Status.SUCCESS and mark.seconds is not None
        ]
        return median(took) if took else None

    @property
    def is_failing(self) -> bool:
        """Whether the last task that ended by itself failed."""
        ended = [mark.status for mark in self.marks if mark.status in (Status.SUCCESS, Status.FAILURE)]
        return bool(ended) and ended[-1] == Status.FAILURE


def strips(ids: Sequence[UUID], now: datetime, length: int = LENGTH) -> dict[UUID, Strip]:
    """Of each schedule, with one statement. Those that have no instant yet are left out."""
    found: dict[UUID, list[Mark]] = {}
    if ids:
        for schedule_id, *mark in fetch_all(MARKS_SQL, {"ids": list(ids), "now": now, "length": length}):
            found.setdefault(schedule_id, []).append(Mark(*mark))
    return {schedule_id: Strip(marks) for schedule_id, marks in found.items()}


def has_task(mark: Mark) -> bool:
    """Whether a task came of it, be it kept or not."""
    return mark.outcome == Outcome.CREATED
