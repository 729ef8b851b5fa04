"""A minute rolled up from the rows of its tasks, in place of what was there of it."""

from datetime import datetime

from tasks_api.database import execute, fetch_one
from tasks_api.lifecycle import FINAL
from tasks_api.roll_up.buckets import BOUNDS, BUCKETS
from tasks_api.roll_up.periods import MINUTE

QUEUE = "default"
"""Of every task, as long as there is one."""
# As the roll-up names them. Those that ran have begun since they were due; what was cancelled or expired while it
# waited for another attempt began before that.
_MEASURES = {
    "lateness": "started_at - run_at",
    "waiting": "started_at - created_at",
    "running": "finished_at - started_at",
}
_BOUNDS = f"ARRAY[{', '.join(map(str, BOUNDS))}]::float8[]"
_KEY = "project_id, operation, outcome"


def _seconds(interval: str) -> str:
    return f"CASE WHEN started_at >= run_at THEN greatest(date_part('epoch', {interval}), 0) END"


def _counts(name: str) -> str:
    """The number in each bucket, of rows that stand for many of the same buckets."""
    each = (f"coalesce(sum(count) FILTER (WHERE {name}_bucket = {at}), 0)" for at in range(BUCKETS))
    return f"ARRAY[{', '.join(each)}]::bigint[]"


_ENDED = f"""
    SELECT project_id, operation,
           CASE WHEN status = 'SUCCESS' THEN 'success' WHEN status = 'FAILURE' THEN 'failure'
                WHEN cancel_requested_at IS NULL THEN 'expired' ELSE 'cancelled' END AS outcome,
           {", ".join(f"{_seconds(interval)} AS {name}" for name, interval in _MEASURES.items())}
      FROM task
     WHERE status IN ({", ".join(f"'{status.value}'" for status in FINAL)})
       AND finished_at >= %(minute)s AND finished_at < %(next)s"""  # noqa: S608 (constants)
# First by bucket, of which few occur together; then each of these rows is looked at once for each bucket.
_COUNTED = f"""
    SELECT {_KEY}, count(*) AS count,
           {", ".join(f"sum({name}) AS {name}" for name in _MEASURES)},
           {", ".join(f"width_bucket({name}, {_BOUNDS}) AS {name}_bucket" for name in _MEASURES)}
      FROM ({_ENDED}) AS ended
     GROUP BY {_KEY}, {", ".join(f"{name}_bucket" for name in _MEASURES)}"""  # noqa: S608 (constants)
CLEAR_SQL = "DELETE FROM roll_up WHERE minute = %(minute)s"
FILL_SQL = f"""
INSERT INTO roll_up (minute, queue, {_KEY}, count,
                     {", ".join(f"{name}_seconds, {name}_counts" for name in _MEASURES)})
SELECT %(minute)s, %(queue)s, {_KEY}, sum(count),
       {", ".join(f"coalesce(sum({name}), 0), {_counts(name)}" for name in _MEASURES)}
  FROM ({_COUNTED}) AS counted
 GROUP BY {_KEY}
"""  # noqa: S608 (constants)


def fill(minute: datetime) -> None:
    """Roll up a minute, in a transaction of whoever holds the progress. Done again, it says what the rows say then."""
    execute(CLEAR_SQL, {"minute": minute})
    execute(FILL_SQL, {"minute": minute, "next": minute + MINUTE, "queue": QUEUE})


def _end(aggregate: str, order: str) -> str:
    """Of each state: the index has the ends of each one after the other."""
    each = [
        f"(SELECT finished_at FROM task WHERE status = '{status.value}' AND finished_at >= {{since}} "  # noqa: S608 (constants)
        f"AND finished_at < {{before}} ORDER BY finished_at {order} LIMIT 1)"
        for status in FINAL
    ]
    return f"{aggregate}({', '.join(each)})"


FIRST_END = _end("least", "ASC")
"""SQL for when the first task ended in a time, with two names to be filled in."""
_TIME = {"since": "%(since)s", "before": "%(before)s"}
FIRST_END_SQL = f"SELECT {FIRST_END.format(**_TIME)}"
LAST_END_SQL = f"SELECT {_end('greatest', 'DESC').format(**_TIME)}"


def first_end(since: datetime, before: datetime) -> datetime | None:
    """When the first task ended in this time; None: none did."""
    row = fetch_one(FIRST_END_SQL, {"since": since, "before": before})
    return row[0] if row else None


def last_end(since: datetime, before: datetime) -> datetime | None:
    """When the last task ended in this time; None: none did."""
    row = fetch_one(LAST_END_SQL, {"since": since, "before": before})
    return row[0] if row else None
