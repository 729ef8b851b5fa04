"""Where a task goes whose time has come: to the broker at once, or to those that wait in Postgres for room there."""

from tasks_api.window import IDLE

BACKLOG = "'-infinity'::timestamptz"
"""The `dispatch_at` of what waits for room: due for ever, and before all that is due at a time."""

# Opening a gate waits for whoever has found it closed, so that nothing is left to wait behind an open one. One that was
# opened in the meantime is seen as open.
_CLOSED = """
closed AS MATERIALIZED (
    SELECT priority FROM dispatch_gate
     WHERE NOT is_open AND priority IN (SELECT priority FROM arrived) FOR SHARE)"""

# The oldest go first, and of one set no more than a window holds.
_PLACED = f"""
placed AS MATERIALIZED (
    SELECT arrived.*, is_due AND arrived.priority NOT IN (SELECT priority FROM closed)
           AND row_number() OVER (PARTITION BY arrived.priority, is_due ORDER BY arrived.id)
               <= coalesce(dispatch_window.size, {IDLE}) AS is_sent
      FROM arrived LEFT JOIN dispatch_window ON dispatch_window.priority = arrived.priority)"""  # noqa: S608 (a constant)


def closing(waiting: str) -> str:
    """SQL that closes the gates of the priorities that are selected by `waiting`, unless somebody is about them."""
    return f"""
closing AS (
    UPDATE dispatch_gate SET is_open = false
     WHERE priority = ANY(ARRAY(
        SELECT priority FROM dispatch_gate WHERE is_open AND priority IN ({waiting}) FOR UPDATE SKIP LOCKED)))"""  # noqa: S608 (constants)


def placing(arrived: str) -> str:
    """The beginning of a statement that places tasks, for SQL that selects their `id`, `priority` and `is_due`.

    Its `placed` has the same columns and `is_sent`: whether a message of it is sent now. What is due and not sent gets
    BACKLOG as its `dispatch_at`.
    """
    waiting = "SELECT priority FROM placed WHERE is_due AND NOT is_sent"
    return f"WITH arrived AS MATERIALIZED ({arrived}),{_CLOSED},{_PLACED},{closing(waiting)}"


def placing_one(arrived: str) -> str:
    """SQL that selects what `placed` would have, for one task: it closes no gate, and takes a third of the planning."""
    return f"""
    SELECT arrived.*, is_due AND NOT EXISTS (
               SELECT FROM dispatch_gate
                WHERE dispatch_gate.priority = arrived.priority AND NOT is_open FOR SHARE) AS is_sent
      FROM ({arrived}) AS arrived OFFSET 0"""  # noqa: S608 (constants)
