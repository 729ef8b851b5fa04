"""The reading side of the forecast. It counts nothing; it notes that somebody asked."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from schedules.forecasting.shares import unpack
from schedules.forecasting.turns import SPAN, VALID_FOR
from tasks_api.database import execute, fetch_all, fetch_one
from tasks_api.roll_up.periods import HOUR, floor

NOTED_EACH = timedelta(minutes=1)


class Standing(NamedTuple):
    """What time it is, and how far the forecast of a project is.

    `counted_at`: every change of a schedule before this is in it; None: there is none that is whole. `schedules`: how
    many are counted so far, `uncounted` of them in vain, as their rules take too long.
    """

    now: datetime
    counted_at: datetime | None
    schedules: int
    uncounted: int


class Expected(NamedTuple):
    """How many tasks are expected in the part of the time that begins `at`."""

    at: datetime
    operation: str
    priority: int
    expected: int


class Others(NamedTuple):
    """How many tasks are expected of all schedules but some, by the hour, as far as `until`."""

    hours: Mapping[datetime, int]
    until: datetime


class Herd(NamedTuple):
    """How many schedules are due next at the same instant."""

    at: datetime
    schedules: int


STANDING_SQL = """
SELECT statement_timestamp(), asked_at, counted_at, coalesce(schedules, 0), coalesce(uncounted, 0)
  FROM (SELECT) AS one LEFT JOIN forecast_progress ON project_id = %s"""
ASK_SQL = """
INSERT INTO forecast_progress AS progress (project_id, asked_at, turn_at, schedules, uncounted)
VALUES (%s, statement_timestamp(), statement_timestamp(), 0, 0)
    ON CONFLICT (project_id) DO UPDATE
   SET asked_at = excluded.asked_at, turn_at = coalesce(progress.turn_at, excluded.turn_at)"""
EXPECTED_SQL = """
SELECT date_bin(%(step)s, hour, %(start)s), operation, priority, sum(expected)::bigint
  FROM forecast WHERE project_id = %(project)s AND hour >= %(start)s AND hour < %(end)s
 GROUP BY 1, 2, 3 HAVING sum(expected) > 0 ORDER BY 1, 2, 3"""


def ask(project_id: int) -> Standing:
    """How far the forecast is. From now on, the sweep keeps it for an hour."""
    row = fetch_one(STANDING_SQL, [project_id])
    assert row is not None  # noqa: S101 (the statement always answers with one row)
    now, asked_at, counted_at, schedules, uncounted = row
    if asked_at is None or now - asked_at > NOTED_EACH:
        execute(ASK_SQL, [project_id])
    is_whole = counted_at is not None and now - counted_at < VALID_FOR
    return Standing(now, counted_at if is_whole else None, schedules, uncounted)


def expected_in(project_id: int, start: datetime, end: datetime, step: timedelta) -> Sequence[Expected]:
    """What is expected in each part of a time that begins and ends at whole hours, as far as it is counted."""
    parameters = {"project": project_id, "start": start, "end": end, "step": step}
    return [Expected(*row) for row in fetch_all(EXPECTED_SQL, parameters)]


SHARES_SQL = "SELECT operation, counts::text FROM forecast_share WHERE schedule_id = ANY(%s)"


def others(
    project_id: int, but: Sequence[UUID], start: datetime, end: datetime, operation: str | None = None
) -> Others | None:
    """What is expected of others in a time, as far as it is to come. None: it is not counted yet; it will be."""
    standing = ask(project_id)
    if standing.counted_at is None:
        return None
    this_hour = floor(standing.now, HOUR)
    start, until = max(floor(start, HOUR), this_hour), min(end, this_hour + SPAN)
    counts: Counter[datetime] = Counter()
    if start < until:
        for each in expected_in(project_id, start, until, HOUR):
            counts[each.at] += each.expected if operation in (None, each.operation) else 0
        for own_operation, packed in fetch_all(SHARES_SQL, [list(but)]):
            if operation in (None, own_operation):
                counts.subtract(
                    {hour.at: count for hour, count in unpack(json.loads(packed or "null")).items()}
                )
    return Others({at: count for at, count in counts.items() if count > 0 and start <= at < until}, until)


MOST_DUE = 10_000
"""So many schedules, those that are due first, are looked at for herds."""
MOST_HERDS = 5
# A sweep looks at each no later than it is due.
HERDS_SQL = """
SELECT next_run_at, count(*) FROM (
    SELECT next_run_at, operation FROM task_schedule
     WHERE project_id = %(project)s AND status = 'active' AND sweep_at < %(end)s
     ORDER BY sweep_at LIMIT %(most)s) AS due
 WHERE next_run_at >= %(start)s AND next_run_at < %(end)s
       AND (%(operation)s::text IS NULL OR operation = %(operation)s::text)
 GROUP BY next_run_at HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT %(herds)s"""


def herds(project_id: int, start: datetime, end: datetime, operation: str | None = None) -> Sequence[Herd]:
    """The instants at which most schedules are due at once, of those that are due first, by their next instants."""
    parameters = {
        "project": project_id,
        "start": start,
        "end": end,
        "operation": operation,
        "most": MOST_DUE,
        "herds": MOST_HERDS,
    }
    return [Herd(*row) for row in fetch_all(HERDS_SQL, parameters)]
