"""The sweep's part of the forecast: round after round over the schedules of those who ask, some at a time."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from rest.cpu_budget import CpuBudget
from schedules import ledger
from schedules.forecasting import progress as rows
from schedules.forecasting.progress import KEPT_FOR, REST, Progress
from schedules.forecasting.shares import Share, row_of, share_of, unpack
from schedules.models import TaskSchedule
from tasks_api.database import execute, fetch_all, fetch_one
from tasks_api.roll_up.periods import HOUR, floor

TURN_SECONDS = 0.05
"""Of CPU, that a turn counts."""
MOST_LOOKED_AT = 2_000
"""Schedules, of which most have the share that they had."""
MOST_COUNTED = 200
SPAN = timedelta(days=7)
"""So far ahead the forecast tells."""
VALID_FOR = timedelta(days=1)
"""So long after a round it is whole."""
REACH = SPAN + 2 * VALID_FOR
"""So far ahead a share is counted: a schedule that does not change is counted once in a day."""
_LAST = UUID(int=2**128 - 1)

END_SQL = """
SELECT id FROM task_schedule WHERE project_id = %(project)s AND id > %(after)s ORDER BY id OFFSET %(most)s LIMIT 1"""
# The range is given to both tables, lest all of one be read; OFFSET keeps it there.
STALE_SQL = """
SELECT schedule.*, share.operation AS share_operation, share.counts::text AS share_counts,
       share.schedule_id IS NOT NULL AS has_share
  FROM task_schedule AS schedule
  LEFT JOIN (SELECT * FROM forecast_share
              WHERE project_id = %(project)s AND schedule_id > %(after)s AND schedule_id <= %(end)s) AS share
    ON share.schedule_id = schedule.id
 WHERE schedule.project_id = %(project)s AND schedule.id > %(after)s AND schedule.id <= %(end)s
       AND (share.schedule_id IS NULL OR share.version <> schedule.version OR share.status <> schedule.status
            OR share.counted_to < %(needed_to)s)
 ORDER BY schedule.id LIMIT %(limit)s"""
GONE_SQL = """
DELETE FROM forecast_share WHERE schedule_id = ANY(ARRAY(
    SELECT schedule_id FROM forecast_share AS share
     WHERE project_id = %(project)s AND schedule_id > %(after)s AND schedule_id <= %(end)s
       AND NOT EXISTS (
           SELECT FROM (SELECT id FROM task_schedule
                         WHERE project_id = %(project)s AND id > %(after)s AND id <= %(end)s OFFSET 0) AS schedule
            WHERE schedule.id = share.schedule_id)
     ORDER BY schedule_id LIMIT %(limit)s))
RETURNING operation, counts::text"""
KEEP_SQL = """
INSERT INTO forecast_share (schedule_id, project_id, version, status, counted_to, operation, counts)
SELECT schedule_id, project_id, version, status, counted_to, operation, nullif(counts, 'null')
  FROM jsonb_to_recordset(%s) AS new(schedule_id uuid, project_id int, version int, status text,
       counted_to timestamptz, operation text, counts jsonb)
    ON CONFLICT (schedule_id) DO UPDATE
   SET (version, status, counted_to, operation, counts) = (
       excluded.version, excluded.status, excluded.counted_to, excluded.operation, excluded.counts)"""
ADD_SQL = """
INSERT INTO forecast (project_id, hour, operation, priority, expected)
SELECT %(project)s, hour, operation, priority, expected
  FROM jsonb_to_recordset(%(changes)s) AS new(hour timestamptz, operation text, priority int, expected bigint)
    ON CONFLICT (project_id, hour, operation, priority) DO UPDATE
   SET expected = forecast.expected + excluded.expected"""
FORGET_SQL = "DELETE FROM forecast WHERE project_id = %s AND hour < %s"


def take_turn() -> int:
    """Go on with the project whose turn it is, for a moment. How many schedules were counted.

    Of a project for which nobody has asked in the last hour nothing is counted until somebody does.
    """
    with transaction.atomic():
        held = rows.lock()
        if held is None:
            return 0
        now, progress = held
        counted = 0
        if now - progress.asked_at > KEPT_FOR:
            progress.turn_at = progress.round_began_at = progress.last_id = None
        else:
            counted = _Turn(now, progress).go()
        rows.save(progress)
    return counted


@dataclass(slots=True)
class _Turn:
    """What whoever holds the progress does with it."""

    now: datetime
    progress: Progress
    changes: Counter[tuple[datetime, str, int]] = field(default_factory=Counter)

    def go(self) -> int:
        progress = self.progress
        progress.turn_at = self.now
        progress.round_began_at = progress.round_began_at or self.now
        after = progress.last_id or UUID(int=0)
        row = fetch_one(END_SQL, {"project": progress.project_id, "after": after, "most": MOST_LOOKED_AT - 1})
        end = row[0] if row else _LAST
        counted = 0
        if not self._take_back_gone(after, end):
            counted, done_to = self._count_stale(after, end)
            progress.last_id = done_to
            if done_to == _LAST:
                self._end_round()
        self._add()
        return counted

    def _end_round(self) -> None:
        progress = self.progress
        progress.counted_at, progress.round_began_at, progress.last_id = progress.round_began_at, None, None
        progress.turn_at = self.now + REST
        execute(FORGET_SQL, [progress.project_id, floor(self.now, HOUR)])

    def _take_back_gone(self, after: UUID, end: UUID) -> bool:
        """The shares of schedules that were deleted. Whether there may be more of them."""
        parameters = {
            "project": self.progress.project_id,
            "after": after,
            "end": end,
            "limit": MOST_LOOKED_AT,
        }
        gone = fetch_all(GONE_SQL, parameters)
        for operation, counts in gone:
            self._change(operation, _read(counts), -1)
        self.progress.schedules -= len(gone)
        self.progress.uncounted -= sum(counts is None for _, counts in gone)
        return len(gone) == MOST_LOOKED_AT

    def _count_stale(self, after: UUID, end: UUID) -> tuple[int, UUID]:
        """How many were counted, and up to which one all is as it should be."""
        start = floor(self.now, HOUR)
        parameters = {
            "project": self.progress.project_id,
            "after": after,
            "end": end,
            "needed_to": start + SPAN + VALID_FOR,
            "limit": MOST_COUNTED,
        }
        stale: list[Any] = list(TaskSchedule.objects.raw(STALE_SQL, parameters))
        known = ledger.known([schedule.id for schedule in stale]) if stale else {}
        budget, kept = CpuBudget(TURN_SECONDS), []
        for schedule in stale:
            share = share_of(schedule, known.get(schedule.id, {}), start, start + REACH)
            self._replace(schedule, share)
            kept.append(row_of(schedule, share, start + REACH))
            if budget.is_spent():
                break
        if kept:
            execute(KEEP_SQL, [json.dumps(kept)])
        is_whole = len(kept) == len(stale) < MOST_COUNTED
        return len(kept), end if is_whole else stale[len(kept) - 1].id

    def _replace(self, schedule: Any, share: Share | None) -> None:
        """In place of what the schedule, with its old share beside it, added until now."""
        if schedule.has_share:
            self._change(schedule.share_operation, _read(schedule.share_counts), -1)
            self.progress.uncounted -= schedule.share_counts is None
        else:
            self.progress.schedules += 1
        self.progress.uncounted += share is None
        self._change(schedule.operation, share or {}, 1)

    def _change(self, operation: str, share: Share, sign: int) -> None:
        for hour, count in share.items():
            self.changes[hour.at, operation, hour.priority] += sign * count

    def _add(self) -> None:
        """Hours that are over stay as they were, for as long as they are there."""
        start = floor(self.now, HOUR)
        changes = list(_as_rows({key: n for key, n in self.changes.items() if n and key[0] >= start}))
        if changes:
            execute(ADD_SQL, {"project": self.progress.project_id, "changes": json.dumps(changes)})


def _read(counts: str | None) -> Share:
    return unpack(json.loads(counts)) if counts else {}


def _as_rows(changes: Mapping[tuple[datetime, str, int], int]) -> Iterable[dict[str, Any]]:
    for (hour, operation, priority), count in changes.items():
        yield {"hour": hour.isoformat(), "operation": operation, "priority": priority, "expected": count}
