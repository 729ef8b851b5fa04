"""Handing waiting tasks to the broker: the one mechanism for later, again, and lost on the way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tasks_api.broker.messages import Message
from tasks_api.database import execute, fetch_all
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.sets import SetStatement, among
from tasks_api.transitions.placing import BACKLOG, placing

ALL_PRIORITIES = (0, 9)
SENT = "dispatch_at IS NOT NULL AND dispatch_count > 0"
"""Of a task: it has a message that is on its way, waits, or is lost."""

# Without what waits for room, of which there may be a million in the index of times, before all others.
_OVERDUE = f"{SENT} AND dispatch_at > {BACKLOG} AND dispatch_at <= statement_timestamp()"


def wait(times_sent: str) -> str:
    """How long a message may stay unanswered that was sent so often, in SQL."""
    return f"make_interval(secs => (%(resend)s::int[])[least({times_sent}, cardinality(%(resend)s::int[]))])"


_DUE = f"""
    SELECT id, priority, true AS is_due FROM task
     WHERE dispatch_at > {BACKLOG} AND dispatch_at <= statement_timestamp() AND dispatch_count = 0 AND {among()}
     ORDER BY priority DESC, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
TAKE_DUE = SetStatement(
    _DUE,
    f"""
{placing(_DUE, is_alone=False)},
moved AS (
    UPDATE task SET dispatch_count = is_sent::int,
           dispatch_at = CASE WHEN is_sent THEN clock_timestamp() + {wait("1")} ELSE {BACKLOG} END
      FROM placed WHERE task.id = placed.id
    RETURNING task.id, task.operation, task.priority, task.timeout_seconds, is_sent)
SELECT * FROM moved
""",  # noqa: S608 (a constant)
)

_LOST = f"""
    SELECT id FROM task
     WHERE {_OVERDUE} AND priority BETWEEN %(lowest)s AND %(highest)s AND {among()}
     ORDER BY priority DESC, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
TAKE_LOST = SetStatement(
    _LOST,
    f"""
UPDATE task SET dispatch_count = least(dispatch_count, 32000) + 1,
       dispatch_at = clock_timestamp() + {wait("least(dispatch_count, 32000) + 1")}
 WHERE id = ANY(ARRAY({_LOST}))
RETURNING id, operation, priority, timeout_seconds
""",  # noqa: S608 (a constant)
)

# When a task was sent last follows from when it would be sent again.
_SENT_BEFORE = f"""
    SELECT id FROM task
     WHERE {SENT} AND dispatch_at - {wait("dispatch_count")} < %(moment)s AND {among()}
     ORDER BY priority, dispatch_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
RETURN_SENT_BEFORE = SetStatement(
    _SENT_BEFORE,
    f"""
UPDATE task SET dispatch_at = {BACKLOG}, dispatch_count = 0 WHERE id = ANY(ARRAY({_SENT_BEFORE})) RETURNING id
""",  # noqa: S608 (a constant)
)


def take_due(limit: int, *, resend_seconds: Sequence[int], duty: Duty | None = None) -> list[Message]:
    """Mark up to `limit` tasks whose time has come as handed to the broker, or as waiting for room there.

    What of it to publish, the most urgent and oldest first.
    """
    rows = TAKE_DUE.run({"limit": limit, "resend": list(resend_seconds)}, duty)
    return in_order(row[:-1] for row in rows if row[-1])


def take_lost(
    limit: int,
    *,
    priorities: tuple[int, int] = ALL_PRIORITIES,
    resend_seconds: Sequence[int],
    duty: Duty | None = None,
) -> list[Message]:
    """Mark up to `limit` tasks whose message seems to be lost as sent again. What to publish, the most urgent first.

    `priorities`: of these, from the lowest to the highest.
    """
    lowest, highest = priorities
    parameters = {"limit": limit, "lowest": lowest, "highest": highest, "resend": list(resend_seconds)}
    return in_order(TAKE_LOST.run(parameters, duty))


def return_sent_before(
    moment: datetime, limit: int, *, resend_seconds: Sequence[int], duty: Duty | None = None
) -> int:
    """Let up to `limit` tasks whose message was sent before `moment` wait for room again, as if none was. How many."""
    parameters = {"moment": moment, "limit": limit, "resend": list(resend_seconds)}
    return len(RETURN_SENT_BEFORE.run(parameters, duty))


TAKE_BACK_SQL = f"""
UPDATE task SET dispatch_at = {BACKLOG}, dispatch_count = 0
 WHERE id = ANY(ARRAY(SELECT id FROM task WHERE id = ANY(%s) AND {SENT} ORDER BY id FOR UPDATE SKIP LOCKED))
"""  # noqa: S608 (a constant)


def take_back(messages: Sequence[Message]) -> None:
    """Let tasks whose messages could not be published wait for room again."""
    execute(TAKE_BACK_SQL, [[message.task_id for message in messages]])


def in_order(rows: Any) -> list[Message]:
    """Messages of rows of their columns, the most urgent and oldest first."""
    return sorted((Message(*row) for row in rows), key=lambda message: (-message.priority, message.task_id))


OVERDUE_SQL = f"""
SELECT each.priority FROM generate_series(9, 0, -1) AS each(priority)
 WHERE (SELECT true FROM task WHERE {_OVERDUE} AND task.priority BETWEEN each.priority AND each.priority
         ORDER BY task.priority, dispatch_at LIMIT 1) IS NOT NULL
"""  # noqa: S608 (a constant)


def overdue() -> list[int]:
    """The priorities of which any message was not answered in time: lost, or waiting in a long queue."""
    return [row[0] for row in fetch_all(OVERDUE_SQL, [])]
