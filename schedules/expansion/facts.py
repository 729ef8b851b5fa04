"""What plans need to know besides the schedules' own rows: a statement for each kind of fact, and only where asked."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from schedules import ledger
from schedules.models import TaskSchedule
from schedules.planning import Entry, OverlapPolicy, Room
from tasks_api.database import fetch_all
from tasks_api.quotas import OF_TASKS, Turn, room_of, take_turns


@dataclass(frozen=True, slots=True)
class Facts:
    """By schedule: rows ahead and rows that wait, whether tasks have not ended, how many of the last ones failed.

    By project: how much room is left, where there is a limit; and those whose turn somebody else has.
    """

    known: Mapping[UUID, Mapping[datetime, Entry]]
    unfinished: Set[UUID]
    failures: Mapping[UUID, int]
    rooms: dict[int, Room] = field(default_factory=dict)
    others: Set[int] = frozenset()

    def take(self, project_id: int, tasks: int) -> None:
        """So many tasks are to be written."""
        if room := self.rooms.get(project_id):
            self.rooms[project_id] = replace(room, left=max(0, room.left - tasks))


def facts_of(schedules: Sequence[TaskSchedule], now: datetime, turn: Turn) -> Facts:
    """Where these schedules stand, whose rows are locked, and their projects, whose turn is taken."""
    heedful = [each.id for each in schedules if each.overlap_policy != OverlapPolicy.ALLOW]
    careful = [each.id for each in schedules if each.pause_after_failures is not None]
    parameters = {
        "ids": [schedule.id for schedule in schedules],
        "waiting": ledger.WAITING_VALUES,
        "projects": list({schedule.project_id for schedule in schedules}),
        "quotas": list(OF_TASKS),
    }
    rows = fetch_all(KNOWN_AND_QUOTAS_SQL, parameters)
    limits = {int(row[2]): json.loads(row[4]) for row in rows if row[0] is None}
    rooms = _rooms(limits, now, turn)
    return Facts(
        ledger.entries_of(row for row in rows if row[0] is not None),
        {row[0] for row in fetch_all(UNFINISHED_SQL, [heedful])} if heedful else set(),
        dict(fetch_all(FAILURES_SQL, [careful])) if careful else {},
        rooms,
        limits.keys() - rooms.keys(),
    )


def _rooms(limits: Mapping[int, Mapping[str, int]], now: datetime, turn: Turn) -> dict[int, Room]:
    """Of projects with limits whose turn it is."""
    if not limits or not (taken := take_turns(limits, turn)):
        return {}
    found = room_of({project: limits[project] for project in taken}, now)
    return {
        project: Room(left, _reason(quota, limits[project][quota]))
        for project, (left, quota) in found.items()
    }


def _reason(quota: str, limit: int) -> str:
    """The same as long as the limit is, so that neighbours share a row."""
    return f"the project had as many tasks as its quota {quota} allows ({limit})"


# Quotas come with what is asked anyway, so that they cost no statement where there are none. They are read with the
# rows locked, and what they leave room for is counted in a statement after the turn is taken.
KNOWN_AND_QUOTAS_SQL = f"""
({ledger.KNOWN_SQL})
 UNION ALL
SELECT NULL, NULL, id::text, NULL, quotas::text
  FROM project WHERE id = ANY(%(projects)s) AND quotas ?| %(quotas)s
"""  # noqa: S608 (constants)

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
