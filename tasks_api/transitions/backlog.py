"""What waits in Postgres for room in the broker, and how much room there is."""

from collections.abc import Sequence
from datetime import datetime

from tasks_api.broker.messages import Message
from tasks_api.database import execute, fetch_all, fetch_one
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.sets import SetStatement, among
from tasks_api.transitions.dispatch import ALL_PRIORITIES, SENT, in_order, wait
from tasks_api.transitions.placing import BACKLOG
from tasks_api.transitions.rescue import NODE_LEASE_SECONDS
from tasks_api.window import IDLE, WINDOW, Filling, Window

HOLD_SECONDS = 5
"""How long a process has windows for itself, unless it says that it goes on. Then it passes for dead."""

# Of one priority, written as a range: so only the index of what is sought has its order. With another one, such as
# that of all ids, the planner would read the table from its oldest end, where all have ended.
_NEXT = f"""
    SELECT id FROM task
     WHERE dispatch_at = {BACKLOG} AND priority BETWEEN %(priority)s AND %(priority)s AND {among()}
     ORDER BY priority DESC, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
TAKE_NEXT = SetStatement(
    _NEXT,
    f"""
UPDATE task SET dispatch_count = 1, dispatch_at = clock_timestamp() + {wait("1")}
 WHERE id = ANY(ARRAY({_NEXT}))
RETURNING id, operation, priority, timeout_seconds
""",  # noqa: S608 (a constant)
)

_WAITS = f"""
(SELECT true FROM task WHERE dispatch_at = {BACKLOG} AND task.priority BETWEEN each.priority AND each.priority
    AND id <> ALL(%(left_out)s::uuid[]) ORDER BY task.priority DESC, id LIMIT 1) IS NOT NULL"""  # noqa: S608 (a constant)

LOOK_SQL = f"""
SELECT each.priority, coalesce(size, {IDLE}), coalesce(is_open, true), coalesce(filled, 0),
       coalesce(extract(epoch FROM statement_timestamp() - filled_at), 1)::float8,
       (SELECT count(*) FROM (
            SELECT FROM task WHERE {SENT}
               AND task.priority BETWEEN each.priority AND each.priority
             ORDER BY task.priority, dispatch_at LIMIT {WINDOW}) AS sent),
       {_WAITS}
  FROM generate_series(9, 0, -1) AS each(priority)
  LEFT JOIN dispatch_window USING (priority) LEFT JOIN dispatch_gate USING (priority)
"""  # noqa: S608 (a constant)
COUNT_SENT_SQL = f"""
SELECT count(*) FROM (
    SELECT FROM task WHERE {SENT} AND priority BETWEEN %s AND %s ORDER BY priority, dispatch_at LIMIT %s) AS sent
"""  # noqa: S608 (a constant)
SLOTS_SQL = """
SELECT coalesce(sum(slots), 0), count(*) FROM worker_node
 WHERE slots IS NOT NULL AND stopped_at IS NULL AND beat_at > statement_timestamp() - make_interval(secs => %s)
"""

MAKE_SQL = f"""
WITH priority AS (SELECT generate_series(0, 9) AS each),
gate AS (INSERT INTO dispatch_gate SELECT each, true FROM priority ON CONFLICT DO NOTHING)
INSERT INTO dispatch_window (priority, size, filled) SELECT each, {IDLE}, 0 FROM priority ON CONFLICT DO NOTHING
"""  # noqa: S608 (a constant)
HOLD_SQL = """
UPDATE dispatch_window SET held_until = clock_timestamp() + make_interval(secs => %s)
 WHERE priority = ANY(ARRAY(
    SELECT priority FROM dispatch_window WHERE priority = ANY(%s) AND coalesce(held_until < clock_timestamp(), true)
       FOR UPDATE SKIP LOCKED))
RETURNING priority, held_until
"""
RENEW_SQL = """
UPDATE dispatch_window SET held_until = clock_timestamp() + make_interval(secs => %s)
  FROM unnest(%s::smallint[], %s::timestamptz[]) AS held(priority, until)
 WHERE dispatch_window.priority = held.priority AND dispatch_window.held_until = held.until
RETURNING dispatch_window.priority, dispatch_window.held_until
"""
LET_GO_SQL = """
UPDATE dispatch_window SET held_until = NULL FROM unnest(%s::smallint[], %s::timestamptz[]) AS held(priority, until)
 WHERE dispatch_window.priority = held.priority AND dispatch_window.held_until = held.until
"""
FILLED_SQL = """
UPDATE dispatch_window SET size = given.size, filled = given.sent, filled_at = clock_timestamp()
  FROM unnest(%s::smallint[], %s::int[], %s::int[]) AS given(priority, size, sent)
 WHERE dispatch_window.priority = given.priority
"""
CLOSE_SQL = """
WITH made AS (
    INSERT INTO dispatch_gate (priority, is_open) SELECT unnest(%(priorities)s::smallint[]), false
        ON CONFLICT (priority) DO NOTHING)
UPDATE dispatch_gate SET is_open = false
 WHERE priority = ANY(ARRAY(
    SELECT priority FROM dispatch_gate WHERE is_open AND priority = ANY(%(priorities)s) FOR UPDATE SKIP LOCKED))
"""
# In one round trip, so that whoever is frozen in the middle of it locks nothing. What somebody who had found the gate
# closed has committed by then is seen by the second statement, and nobody sees what the first one does before that.
OPEN_SQL = f"""
UPDATE dispatch_gate SET is_open = true
 WHERE priority = ANY(ARRAY(
    SELECT priority FROM dispatch_gate
     WHERE NOT is_open AND priority = ANY(%(priorities)s) FOR UPDATE SKIP LOCKED));
UPDATE dispatch_gate SET is_open = false
 WHERE priority = ANY(ARRAY(
    SELECT priority FROM dispatch_gate AS each
     WHERE is_open AND priority = ANY(%(priorities)s) AND {_WAITS} FOR UPDATE SKIP LOCKED));
UPDATE dispatch_window SET filled = 0 FROM dispatch_gate
 WHERE is_open AND dispatch_gate.priority = ANY(%(priorities)s)
   AND dispatch_window.priority = dispatch_gate.priority
"""  # noqa: S608 (a constant)

Held = dict[int, datetime]
"""The windows that a process has for itself, and until when: that names this hold among others."""


def make_windows() -> None:
    """Let there be a window and a gate for each priority."""
    execute(MAKE_SQL, None)


def look(duty: Duty | None = None) -> list[Window]:
    """All windows as they are now, the most urgent first. What the duty leaves out does not wait."""
    return [Window(*row) for row in fetch_all(LOOK_SQL, {"left_out": duty.left_out() if duty else []})]


def slots() -> tuple[int, int]:
    """How many tasks all workers that are alive run at once, and how many such workers there are."""
    row = fetch_one(SLOTS_SQL, [NODE_LEASE_SECONDS])
    return (int(row[0]), int(row[1])) if row else (0, 0)


def count_sent(most: int, priorities: tuple[int, int] = ALL_PRIORITIES) -> int:
    """How many waiting tasks have a message that is on its way, or lost; `most` at the most.

    `priorities`: of these, from the lowest to the highest.
    """
    row = fetch_one(COUNT_SENT_SQL, [*priorities, most])
    return int(row[0]) if row else 0


def hold(priorities: Sequence[int]) -> Held:
    """Have those of these windows for oneself that nobody else has, so that what waits is handed over in order."""
    held = dict(fetch_all(HOLD_SQL, [HOLD_SECONDS, list(priorities)]))
    if not held:  # where somebody has emptied all tables, too
        make_windows()
    return held


def renew(held: Held) -> None:
    """Go on having them for oneself. Those that others have got meanwhile are taken out of it."""
    kept = dict(fetch_all(RENEW_SQL, [HOLD_SECONDS, list(held), list(held.values())])) if held else {}
    held.clear()
    held.update(kept)


def let_go(held: Held) -> None:
    """Leave them to others."""
    if held:
        execute(LET_GO_SQL, [list(held), list(held.values())])


def take_next(
    priority: int, limit: int, *, resend_seconds: Sequence[int], duty: Duty | None = None
) -> list[Message]:
    """Mark up to `limit` of the oldest that wait for room as handed to the broker. What to publish, in order."""
    parameters = {"priority": priority, "limit": limit, "resend": list(resend_seconds)}
    return in_order(TAKE_NEXT.run(parameters, duty))


def note_filled(fillings: Sequence[Filling]) -> None:
    """Keep how large windows are and how many messages there are now."""
    if fillings:
        priorities = [each.priority for each in fillings]
        execute(FILLED_SQL, [priorities, [each.size for each in fillings], [each.sent for each in fillings]])


def close_gates(priorities: Sequence[int]) -> None:
    """Let tasks of these priorities wait for room. A gate that somebody is about stays as it is for now."""
    if priorities:
        execute(CLOSE_SQL, {"priorities": list(priorities)})


def open_gates(priorities: Sequence[int], duty: Duty | None = None) -> bool:
    """Let tasks of these priorities pass as they come, where nothing waits. Whether all are open now.

    Whoever has found a gate closed and has not committed yet what is to wait there is not waited for: it stays closed.
    """
    if not priorities:
        return True
    left_out = duty.left_out() if duty else []
    return execute(OPEN_SQL, {"priorities": list(priorities), "left_out": left_out}) == len(priorities)
