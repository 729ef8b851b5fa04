"""How far the counting of each project's schedules is. Whoever works on one holds its row."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

from tasks_api.database import execute, fetch_one

KEPT_FOR = timedelta(hours=1)
"""So long after somebody asked last, the forecast is kept up to date."""
REST = timedelta(minutes=1)
"""Between two rounds."""


@dataclass(slots=True)
class Progress:
    """The row, but for what only those who ask need."""

    project_id: int
    asked_at: datetime
    turn_at: datetime | None
    round_began_at: datetime | None
    last_id: UUID | None
    counted_at: datetime | None
    schedules: int
    uncounted: int


_COLUMNS = [field.name for field in fields(Progress)]
LOCK_SQL = f"""
SELECT statement_timestamp(), {", ".join(_COLUMNS)} FROM forecast_progress
 WHERE turn_at <= statement_timestamp() ORDER BY turn_at LIMIT 1 FOR UPDATE SKIP LOCKED"""  # noqa: S608 (names)
_SAVED = ("turn_at", "round_began_at", "last_id", "counted_at", "schedules", "uncounted")
SAVE_SQL = f"""
UPDATE forecast_progress SET {", ".join(f"{name} = %({name})s" for name in _SAVED)}
 WHERE project_id = %(project_id)s"""  # noqa: S608 (names)


def lock() -> tuple[datetime, Progress] | None:
    """What time it is, and the row whose turn it is, until the transaction ends; None: there is none."""
    row = fetch_one(LOCK_SQL, [])
    return None if row is None else (row[0], Progress(*row[1:]))


def save(progress: Progress) -> None:
    """Write down how far it is."""
    execute(SAVE_SQL, {name: getattr(progress, name) for name in _COLUMNS})
