"""Signs that a sweep has something to do, each found at the first entry of an index: what beat looks for each second.

A duty of the sweep has a sign here or in `schedules.sweep.signs`, or it may wait until a sweep comes anyway.
"""

from collections.abc import Mapping

from tasks_api.lifecycle import WAITING
from tasks_api.transitions.dispatch import SENT
from tasks_api.transitions.placing import BACKLOG
from tasks_api.window import IDLE

_WAITS = "status IN ({})".format(", ".join(f"'{status.value}'" for status in WAITING))


def is_any(table: str, condition: str, order: str) -> str:
    """SQL for whether there is such a row. The order is that of the index to look into."""
    return f"(SELECT true FROM {table} WHERE {condition} ORDER BY {order} LIMIT 1) IS NOT NULL"  # noqa: S608 (constants)


_RUNS = is_any("task", "status = 'STARTED'", "node_id")
_IS_SENT = is_any("task", SENT, "priority, dispatch_at")
_WAITS_FOR_ROOM = (
    is_any("task", f"dispatch_at = {BACKLOG}", "priority DESC, id"),
    is_any("dispatch_gate", "NOT is_open", "priority"),
    is_any("dispatch_window", f"size <> {IDLE}", "priority"),
)

SIGNS: Mapping[str, tuple[str, ...]] = {
    "rescuing tasks of dead nodes": (_RUNS,),
    "rescuing overdue tasks": (_RUNS,),
    "taking back what an emptied broker has lost": (_IS_SENT,),
    "handing over lost tasks again": (_IS_SENT,),
    "handing over tasks": (
        is_any(
            "task",
            f"dispatch_at > {BACKLOG} AND dispatch_at <= statement_timestamp() AND dispatch_count = 0",
            "dispatch_at",
        ),
    ),
    "handing over what waits for room": (*_WAITS_FOR_ROOM, _IS_SENT),
    "expiring tasks": (is_any("task", f"{_WAITS} AND expires_at <= statement_timestamp()", "expires_at"),),
}
"""Of each duty of `tasks_api.upkeep`, by its name, conditions in SQL: while none holds, it has nothing to do."""
