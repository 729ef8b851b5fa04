"""Signs that a sweep has something to do: for schedules, or for tasks."""

from collections.abc import Mapping

from schedules.sweep.waking import LOOKS_BACK_SECONDS
from tasks_api import signs
from tasks_api.database import fetch_one
from tasks_api.postgres import Prepared
from tasks_api.signs import is_any

SIGNS: Mapping[str, tuple[str, ...]] = {
    "expanding schedules": (is_any("task_schedule", "sweep_at <= statement_timestamp()", "sweep_at"),),
    "carrying out bulk actions": (is_any("bulk_action", "turn_at <= statement_timestamp()", "turn_at"),),
    "waking schedules": (
        is_any("occurrence", "outcome = 'queued'", "schedule_id"),
        # Of any task, as that of which it is a schedule's is not in the index.
        is_any(
            "task",
            "status = 'FAILURE' "
            f"AND finished_at > statement_timestamp() - interval '{LOOKS_BACK_SECONDS} seconds'",
            "finished_at",
        ),
    ),
    # Nobody's, unless he has asked for the forecast within an hour.
    "counting what is expected": (
        is_any("forecast_progress", "turn_at <= statement_timestamp()", "turn_at"),
    ),
}
"""Of each duty of `schedules.sweep.sweeper`, by its name."""

# Postgres looks no further than the first that holds.
_ALL = dict.fromkeys(sign for some in (*signs.SIGNS.values(), *SIGNS.values()) for sign in some)
LOOK_SQL = Prepared("signs", f"SELECT {' OR '.join(_ALL)}")


def is_any_seen() -> bool:
    """Whether a sweep has anything to do that may not wait."""
    row = fetch_one(LOOK_SQL, {})
    return row is None or bool(row[0])
