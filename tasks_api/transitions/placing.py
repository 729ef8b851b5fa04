"""Where a task goes whose time has come: to the broker at once, or to those that wait in Postgres for room there."""

from tasks_api.window import IDLE

BACKLOG = "'-infinity'::timestamptz"
"""The `dispatch_at` of what waits for room: due for ever, and before all that is due at a time."""

_LOCK = " FOR SHARE"
"""Opening a gate waits for whoever has found it closed, so that nothing is left to wait behind an open one.

One that was opened in the meantime is seen as open. Only by a statement that is committed at once: a transaction may
last, and whoever opens gates would have to wait for it. What it leaves behind an open gate is found by the next look.
"""


def placing(arrived: str, *, is_alone: bool, ahead: str | None = None) -> str:
    """The beginning of a statement that places tasks, for SQL that selects their `id`, `priority` and `is_due`.

    Its `placed` has the same columns and `is_sent`: whether a message of it is sent now: of the oldest, and of no more
    than a window holds. What is due and not sent gets BACKLOG as its `dispatch_at`. If it `is_alone`, the statement is
    committed at once, and closes the gates of what is to wait, unless somebody is about them. `ahead`: SQL of a JSON
    object, by priority how much of its window has been taken by what nobody else can see yet.
    """
    closing = """,
closing AS (
    UPDATE dispatch_gate SET is_open = false
     WHERE priority = ANY(ARRAY(
        SELECT priority FROM dispatch_gate
         WHERE is_open AND priority IN (SELECT priority FROM placed WHERE is_due AND NOT is_sent)
           FOR UPDATE SKIP LOCKED)))"""
    return f"""
WITH arrived AS MATERIALIZED ({arrived}),
closed AS MATERIALIZED (
    SELECT priority FROM dispatch_gate
     WHERE NOT is_open AND priority IN (SELECT priority FROM arrived){_LOCK if is_alone else ""}),
placed AS MATERIALIZED (
    SELECT arrived.*, is_due AND arrived.priority NOT IN (SELECT priority FROM closed)
           AND row_number() OVER (PARTITION BY arrived.priority, is_due ORDER BY arrived.id){_taken(ahead)}
               <= coalesce(dispatch_window.size, {IDLE}) AS is_sent
      FROM arrived LEFT JOIN dispatch_window ON dispatch_window.priority = arrived.priority)
{closing if is_alone else ""}"""  # noqa: S608 (constants)


def _taken(ahead: str | None) -> str:
    return f" + coalesce(({ahead} ->> arrived.priority::text)::int, 0)" if ahead else ""


def placing_one(arrived: str, *, is_alone: bool) -> str:
    """SQL that selects what `placed` would have, for one task: it closes no gate, and takes a third of the planning."""
    return f"""
    SELECT arrived.*, is_due AND NOT EXISTS (
               SELECT FROM dispatch_gate
                WHERE dispatch_gate.priority = arrived.priority AND NOT is_open{_LOCK if is_alone else ""}) AS is_sent
      FROM ({arrived}) AS arrived OFFSET 0"""  # noqa: S608 (constants)
