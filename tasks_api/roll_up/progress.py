"""How far the roll-up is. Whoever works on it holds its row, so that two never do the same."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from tasks_api.database import execute, fetch_one
from tasks_api.roll_up.periods import MINUTE, floor

GRACE = timedelta(seconds=5)
"""So long after it was noted when it ended, a task's transaction has its number, and is known to be under way."""
LONGEST_WATCH = timedelta(hours=1)
"""A transaction that writes for longer is not waited for."""


@dataclass(slots=True)
class Progress:
    """The row, but for when it was read: `now`, and the ids between which transactions may still be under way."""

    rolled_to: datetime
    rolled_at: datetime | None
    settled_to: datetime
    watched_to: datetime
    watched_xid: int
    watched_at: datetime
    history_to: datetime | None
    hours_to: datetime | None


@dataclass(frozen=True, slots=True)
class Moment:
    """When that was. Every transaction before `oldest_xid` has ended; none from `next_xid` on had begun to write."""

    now: datetime
    oldest_xid: int
    next_xid: int

    @property
    def minute(self) -> datetime:
        """The one that is not over."""
        return floor(self.now, MINUTE)


_COLUMNS = [field.name for field in fields(Progress)]
_MOMENT = """statement_timestamp(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint"""
LOCK_SQL = f"""
SELECT {_MOMENT}, {", ".join(_COLUMNS)} FROM roll_up_progress WHERE id = 1 FOR UPDATE SKIP LOCKED"""  # noqa: S608 (names)
# All that is there is history to whoever is the first, but for that on which transactions may still be at work.
BEGIN_SQL = """
INSERT INTO roll_up_progress (id, rolled_to, settled_to, watched_to, watched_xid, watched_at, history_to)
SELECT 1, minute, minute, minute, 0, statement_timestamp(), minute
  FROM (SELECT date_bin('1 minute', statement_timestamp() - %(longest)s, '2000-01-01 00:00Z') AS minute) AS this
    ON CONFLICT DO NOTHING"""
SAVE_SQL = f"""
UPDATE roll_up_progress SET {", ".join(f"{name} = %({name})s" for name in _COLUMNS)} WHERE id = 1"""  # noqa: S608 (names)


def lock() -> tuple[Moment, Progress] | None:
    """The row, until the transaction ends; None: somebody else has it.

    What is read after this, by a statement of its own, is no older than what he wrote who had it before.
    """
    row = fetch_one(LOCK_SQL, [])
    if row is None and execute(BEGIN_SQL, {"longest": LONGEST_WATCH}):
        row = fetch_one(LOCK_SQL, [])
    return None if row is None else (Moment(*row[:3]), Progress(*row[3:]))


def save(progress: Progress) -> None:
    """Write down how far it is."""
    execute(SAVE_SQL, {name: getattr(progress, name) for name in _COLUMNS})
