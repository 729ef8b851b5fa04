"""Failures of a project that are alike, counted among its newest."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tasks_api.database import fetch_all

MOST_LOOKED_AT = 50_000
"""So many failures, the newest, are counted at most."""
USUAL_SPAN = timedelta(days=7)
MOST_SCHEDULES = 5
LOOKED_AT_FOR_SCHEDULES = 100
"""So many tasks of a group, the newest, are asked which schedules they are of."""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Tasks that failed alike and were not run again since; its error is that of the newest."""

    fingerprint: str
    operation: str
    error: dict[str, Any]
    count: int
    first_at: datetime
    last_at: datetime
    schedules: list[UUID]
    task_id: UUID


@dataclass(frozen=True, slots=True)
class Failures:
    """The greatest groups of the failures since a time. `looked_at`: how many of these were counted, the newest."""

    since: datetime
    looked_at: int
    group_count: int
    groups: list[FailureGroup]

    @property
    def is_complete(self) -> bool:
        """Whether all failures since then were counted."""
        return self.looked_at < MOST_LOOKED_AT


# By an index that has all that is asked, but for a filter; of a schedule by the one that has its tasks.
_OF_PROJECT = """
    SELECT id, fingerprint, finished_at{more} FROM task
     WHERE project_id = %(project)s AND status = 'FAILURE' AND fingerprint IS NOT NULL AND finished_at >= %(since)s
     ORDER BY finished_at DESC LIMIT %(most)s"""
_OF_SCHEDULE = """
    SELECT id, fingerprint, finished_at, operation, status, project_id FROM task
     WHERE schedule_id = %(schedule)s AND status IN ('SUCCESS', 'FAILURE') AND finished_at >= %(since)s
     ORDER BY finished_at DESC, id DESC LIMIT %(most)s"""
_GROUPS = """
WITH looked_at AS MATERIALIZED ({looked_at}),
grouped AS (
    SELECT fingerprint, count(*) AS count, min(finished_at) AS first_at, max(finished_at) AS last_at,
           count(*) OVER () AS groups
      FROM looked_at WHERE {wanted}
     GROUP BY fingerprint ORDER BY count(*) DESC, max(finished_at) DESC LIMIT %(limit)s)
SELECT looked, coalesce(groups, 0), grouped.fingerprint, task.operation, task.error::text, count, first_at, last_at,
       ARRAY(SELECT DISTINCT schedule_id
               FROM (SELECT schedule_id FROM task AS alike
                      WHERE alike.project_id = %(project)s AND alike.fingerprint = grouped.fingerprint
                        AND alike.status = 'FAILURE' AND alike.fingerprint IS NOT NULL
                      ORDER BY id DESC NULLS LAST LIMIT %(for_schedules)s) AS of_group
              WHERE schedule_id IS NOT NULL LIMIT %(schedules)s),
       task.id
  FROM (SELECT count(*) AS looked FROM looked_at) AS extent
  LEFT JOIN grouped ON true
  LEFT JOIN LATERAL (
       SELECT id, operation, error FROM task AS last
        WHERE last.project_id = %(project)s AND last.status = 'FAILURE' AND last.fingerprint IS NOT NULL
          AND last.finished_at = grouped.last_at AND last.fingerprint = grouped.fingerprint
          AND (%(schedule)s::uuid IS NULL OR last.schedule_id = %(schedule)s::uuid)
        LIMIT 1) AS task ON true
 ORDER BY count DESC, last_at DESC"""


def failures(
    project_id: int,
    since: datetime,
    *,
    limit: int,
    operation: str | None = None,
    schedule_id: UUID | None = None,
) -> Failures:
    """The greatest groups of what failed in a project since a time, at most `limit`. One statement."""
    wanted = "true"
    looked_at = _OF_PROJECT.format(more="" if operation is None else ", operation")
    if schedule_id is not None:
        looked_at = _OF_SCHEDULE
        wanted = "status = 'FAILURE' AND fingerprint IS NOT NULL AND project_id = %(project)s"
    if operation is not None:
        wanted += " AND operation = %(operation)s"
    parameters = {
        "project": project_id,
        "since": since,
        "most": MOST_LOOKED_AT,
        "limit": limit,
        "operation": operation,
        "schedule": schedule_id,
        "schedules": MOST_SCHEDULES,
        "for_schedules": LOOKED_AT_FOR_SCHEDULES,
    }
    rows = fetch_all(_GROUPS.format(looked_at=looked_at, wanted=wanted), parameters)
    (looked, group_count, *_), *_ = rows
    groups = [_group(*row[2:], only=schedule_id) for row in rows if row[2] is not None]
    return Failures(since, looked, group_count, groups)


def _group(
    fingerprint: str,
    operation: str,
    error: str,
    count: int,
    first_at: datetime,
    last_at: datetime,
    schedules: list[UUID],
    task_id: UUID,
    *,
    only: UUID | None,
) -> FailureGroup:
    found = schedules if only is None else [only]
    return FailureGroup(fingerprint, operation, json.loads(error), count, first_at, last_at, found, task_id)
