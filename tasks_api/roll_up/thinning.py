"""The roll-up does not grow for ever: its minutes become hours, and hours go."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from tasks_api.database import execute, fetch_one
from tasks_api.roll_up.buckets import BUCKETS
from tasks_api.roll_up.periods import EPOCH, HOUR, floor
from tasks_api.roll_up.progress import Progress, lock, save

MEASURES = ("lateness", "waiting", "running")
MOST_HOURS = 12
MOST_DELETED = 5_000
"""In one go, so that a sweep has time for what is due."""
_KEY = "project_id, operation, queue, outcome"


def summed(name: str) -> str:
    """SQL: the numbers in the buckets of a measure, of all rows of a group."""
    return f"ARRAY[{', '.join(f'sum({name}_counts[{at}])' for at in range(1, BUCKETS + 1))}]::bigint[]"


# Whether there is anything to do: that is so once an hour at most, where all is well.
LOOK_SQL = """
SELECT (SELECT true FROM roll_up WHERE minute < statement_timestamp() - %(kept)s ORDER BY minute LIMIT 1) IS NOT NULL
       OR (history_to IS NULL AND coalesce(hours_to, '-infinity') < date_bin(
           '1 hour', least(statement_timestamp() - %(kept_by_minute)s, settled_to), '2000-01-01 00:00Z'))
  FROM roll_up_progress WHERE id = 1"""
FIRST_SQL = (
    "SELECT minute FROM roll_up WHERE minute >= %(since)s AND minute < %(before)s ORDER BY minute LIMIT 1"
)
# An hour that is there already is put together with itself.
MERGE_SQL = f"""
WITH minutes AS (DELETE FROM roll_up WHERE minute >= %(hour)s AND minute < %(next)s RETURNING *)
INSERT INTO roll_up (minute, {_KEY}, count, {", ".join(f"{name}_seconds, {name}_counts" for name in MEASURES)})
SELECT %(hour)s, {_KEY}, sum(count), {", ".join(f"sum({name}_seconds), {summed(name)}" for name in MEASURES)}
  FROM minutes GROUP BY {_KEY}
"""  # noqa: S608 (constants)
DELETE_SQL = """
DELETE FROM roll_up WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM roll_up WHERE minute < %(before)s ORDER BY minute LIMIT %(limit)s))"""


def thin_out() -> int:
    """Make hours of minutes that are old, and delete hours that are very old. How many of both."""
    kept = timedelta(days=settings.RETENTION_STATS_DAYS)
    kept_by_minute = timedelta(days=settings.RETENTION_STATS_MINUTE_DAYS)
    row = fetch_one(LOOK_SQL, {"kept": kept, "kept_by_minute": kept_by_minute})
    if row is None or not row[0]:
        return 0
    with transaction.atomic():
        held = lock()
        if held is None:
            return 0
        moment, progress = held
        deleted = execute(DELETE_SQL, {"before": moment.now - kept, "limit": MOST_DELETED})
        return deleted + _merge(moment.now - kept_by_minute, progress)


def _merge(before: datetime, progress: Progress) -> int:
    """Only where no minute can be rolled up any more."""
    to = floor(min(before, progress.settled_to), HOUR)
    start = progress.hours_to or EPOCH
    if progress.history_to is not None or start >= to:
        return 0
    count = 0
    while count < MOST_HOURS and (found := _first(start, to)) is not None:
        hour = floor(found, HOUR)
        execute(MERGE_SQL, {"hour": hour, "next": hour + HOUR})
        start = hour + HOUR
        count += 1
    progress.hours_to = start if count == MOST_HOURS else to
    save(progress)
    return count


def _first(since: datetime, before: datetime) -> datetime | None:
    row = fetch_one(FIRST_SQL, {"since": since, "before": before})
    return row[0] if row else None
