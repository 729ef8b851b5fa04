"""What is so now, which no roll-up knows: few rows of live indexes, and never all there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tasks_api.database import fetch_all, fetch_one
from tasks_api.lifecycle import WAITING, Status
from tasks_api.transitions.dispatch import SENT
from tasks_api.transitions.placing import BACKLOG
from tasks_api.window import WINDOW

MOST_COUNTED = 10_000
MOST_LOOKED_AT = 1_000
"""Of each of the places where the oldest that is due may be."""
PRIORITIES = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """So many there are, or, where it is not exact, at least."""

    count: int
    exact: bool


_FITS = "(%(operation)s::text IS NULL OR operation = %(operation)s)"


def _count(status: Status, column: str) -> str:
    """Of one state. The order is that of an index, lest a table of millions be read for three that run."""
    return f"""
SELECT '{status.value}', count(*), count(*) FILTER (WHERE {_FITS if column == "operation" else "true"})
  FROM (SELECT {column} FROM task WHERE project_id = %(project)s AND status = '{status.value}'
         ORDER BY id DESC NULLS LAST LIMIT {MOST_COUNTED + 1}) AS newest"""  # noqa: S608 (constants)


def _counts(column: str) -> str:
    return " UNION ALL ".join(_count(status, column) for status in Status)


# An index has the states, but not the operations: those are asked for only where it matters.
COUNT_SQL = {False: _counts("status"), True: _counts("operation")}


def counts(project_id: int, operation: str | None = None) -> Mapping[str, Counted]:
    """How many tasks of a project, and perhaps of one operation, are in each state; exact up to MOST_COUNTED."""
    rows = fetch_all(COUNT_SQL[operation is not None], {"project": project_id, "operation": operation})
    found = {}
    for status, looked_at, count in rows:
        found[status] = Counted(min(count, MOST_COUNTED), exact=looked_at <= MOST_COUNTED)
    return found


def _some(where: str, order: str, limit: int) -> str:
    return f"(SELECT project_id, operation, run_at FROM task WHERE {where} ORDER BY {order} LIMIT {limit})"  # noqa: S608


_OF_PRIORITIES = """
SELECT found.* FROM generate_series(0, 9) AS of(priority), LATERAL {} AS found"""
# Wherever something that is due may wait: for room in the broker, in it, for the sweep; and the oldest of the project.
_DUE = (
    _OF_PRIORITIES.format(
        _some(
            f"dispatch_at = {BACKLOG} AND task.priority = of.priority",
            "task.priority DESC, id",
            MOST_LOOKED_AT,
        )
    ),
    _some(SENT, "priority, dispatch_at", PRIORITIES * WINDOW),
    _some(
        f"dispatch_at > {BACKLOG} AND dispatch_at <= statement_timestamp() AND dispatch_count = 0",
        "dispatch_at",
        MOST_LOOKED_AT,
    ),
    *(
        _some(f"project_id = %(project)s AND status = '{status.value}'", "id NULLS FIRST", MOST_LOOKED_AT)
        for status in WAITING
    ),
)
OLDEST_SQL = f"""
SELECT min(run_at) FROM ({" UNION ALL ".join(_DUE)}) AS waiting
 WHERE project_id = %(project)s AND {_FITS} AND run_at <= statement_timestamp()
"""  # noqa: S608 (constants)


def oldest_due(project_id: int, operation: str | None = None) -> datetime | None:
    """Since when a task is due that has not begun; None: none is. Where very many wait, there may be an older one."""
    row = fetch_one(OLDEST_SQL, {"project": project_id, "operation": operation})
    return row[0] if row else None
