"""How many tasks projects have, and how many more they may have.

Whoever counts and then writes for several at a time takes its turn first. Requests do not: those of the same moment
may together go a little beyond.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum

from tasks_api.database import database_now, fetch_all, fetch_one
from tasks_api.ids import first_id_at

WAITING_TASKS = "waiting_tasks"
TASKS_PER_DAY = "tasks_per_day"
OF_TASKS = (WAITING_TASKS, TASKS_PER_DAY)

Limits = Mapping[str, int]
"""Quotas of a project, by their names."""

_WAITING = "status IN ('PENDING', 'RETRY')"
# Every status there is: the index has it before the id.
_ANY_STATUS = "status IN ('PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED')"

WAITING_SQL = f"""
SELECT count(*) FROM (
    SELECT FROM task WHERE project_id = %(project)s AND {_WAITING} LIMIT %(most)s) AS found"""  # noqa: S608 (a constant)
CREATED_SQL = f"""
SELECT count(*) FROM (
    SELECT FROM task WHERE project_id = %(project)s AND id >= %(first)s AND {_ANY_STATUS} LIMIT %(most)s) AS found"""  # noqa: S608 (a constant)

# A limit that there is not is not counted for.
ROOM_SQL = f"""
SELECT project,
       CASE WHEN waiting_tasks IS NOT NULL THEN waiting_tasks - (
           SELECT count(*) FROM (
               SELECT FROM task WHERE project_id = project AND {_WAITING} LIMIT waiting_tasks) AS found) END,
       CASE WHEN tasks_per_day IS NOT NULL THEN tasks_per_day - (
           SELECT count(*) FROM (
               SELECT FROM task WHERE project_id = project AND id >= %(first)s AND {_ANY_STATUS}
                LIMIT tasks_per_day) AS found) END
  FROM jsonb_to_recordset(%(limits)s) AS given(project int, waiting_tasks bigint, tasks_per_day bigint)
"""  # noqa: S608 (a constant)

_LOCK = int.from_bytes(b"quot")


class Turn(Enum):
    """How the turn of a project is taken; it lasts until the transaction ends."""

    NONE = ""
    """Not at all: nothing is to be written."""
    TRY = "SELECT project FROM unnest(%s::int[]) AS project WHERE pg_try_advisory_xact_lock(%s, project)"
    """Those whose turn somebody else has are left out."""
    WAIT = "SELECT project, pg_advisory_xact_lock(%s, project)::text FROM unnest(%s::int[]) AS project"
    """For whoever holds no other project's turn."""


def waiting_tasks(project_id: int, most: int) -> int:
    """How many of its tasks wait, counted up to `most`."""
    return _count(WAITING_SQL, {"project": project_id, "most": most})


def tasks_today(project_id: int, most: int) -> int:
    """How many of its tasks were created since midnight in UTC, counted up to `most`; deleted ones do not count."""
    first = first_id_at(midnight(database_now()))
    return _count(CREATED_SQL, {"project": project_id, "first": first, "most": most})


def midnight(now: datetime) -> datetime:
    """When the day of `tasks_per_day` began."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def take_turns(project_ids: Iterable[int], turn: Turn) -> set[int]:
    """The projects whose turn it is: until the transaction ends, nobody else counts and writes their tasks so."""
    ids = sorted(project_ids)
    if turn is Turn.NONE:
        return set(ids)
    parameters = [ids, _LOCK] if turn is Turn.TRY else [_LOCK, ids]
    return {row[0] for row in fetch_all(turn.value, parameters)}


def room_of(limits: Mapping[int, Limits], now: datetime) -> dict[int, tuple[int, str]]:
    """By project: how many more tasks it may have now, and the quota that says so."""
    given = [{"project": project, **each} for project, each in limits.items()]
    parameters = {"limits": json.dumps(given), "first": first_id_at(midnight(now))}
    found = {}
    for project, *left in fetch_all(ROOM_SQL, parameters):
        found[project] = min(
            (max(0, n), name) for n, name in zip(left, OF_TASKS, strict=True) if n is not None
        )
    return found


def _count(sql: str, parameters: dict[str, object]) -> int:
    row = fetch_one(sql, parameters)
    return int(row[0]) if row else 0
