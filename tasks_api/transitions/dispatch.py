"""Handing waiting tasks to the broker: the one mechanism for later, again, and lost on the way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tasks_api.broker.messages import Message
from tasks_api.database import fetch_one
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.sets import SetStatement, among


def _wait(times_sent: str) -> str:
    """How long a message may stay unanswered that was sent so often, in SQL."""
    return f"make_interval(secs => (%(resend)s::int[])[least({times_sent}, cardinality(%(resend)s::int[]))])"


def _take(choice: str, times_sent: str) -> SetStatement:
    """Hand over what is in `choice`; with this message it was sent `times_sent`."""
    sql = f"""
UPDATE task SET dispatch_count = {times_sent}, dispatch_at = clock_timestamp() + {_wait(times_sent)}
 WHERE id = ANY(ARRAY({choice}))
RETURNING id, operation, priority, timeout_seconds
"""  # noqa: S608 (a constant)
    return SetStatement(choice, sql)


def _take_due(which: str) -> SetStatement:
    choice = f"""
    SELECT id FROM task
     WHERE dispatch_at <= statement_timestamp() AND {which} AND {among()}
     ORDER BY priority DESC, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
    return _take(choice, "least(dispatch_count, 32000) + 1")


# Two texts, so that each is served by its own partial index.
TAKE_FIRST = _take_due("dispatch_count = 0")
TAKE_AGAIN = _take_due("dispatch_count > 0")

# When a task was sent last follows from when it would be sent again.
_SENT_BEFORE = f"""dispatch_at IS NOT NULL AND dispatch_count > 0
       AND dispatch_at - {_wait("dispatch_count")} < %(moment)s"""
# Chosen first and locked then, for a sort that locks sorts all of a million rows. What another took meanwhile is left.
TAKE_SENT_BEFORE = _take(
    f"""
    SELECT id FROM task WHERE {_SENT_BEFORE} AND id = ANY(ARRAY(
        SELECT id FROM task WHERE {_SENT_BEFORE} AND {among()} ORDER BY priority DESC, id LIMIT %(limit)s))
       FOR UPDATE SKIP LOCKED""",  # noqa: S608 (a constant)
    "1",
)
ANY_SENT_BEFORE_SQL = f"SELECT true FROM task WHERE {_SENT_BEFORE} AND {among()} LIMIT 1"  # noqa: S608 (a constant)


def take_due(
    limit: int, *, first: bool, resend_seconds: Sequence[int], duty: Duty | None = None
) -> list[Message]:
    """Mark up to `limit` due tasks as handed to the broker. What to publish, the most urgent and oldest first.

    `first`: those that were never sent, whose time has come; otherwise those whose message seems to be lost.
    """
    statement = TAKE_FIRST if first else TAKE_AGAIN
    return _messages(statement, {"limit": limit, "resend": list(resend_seconds)}, duty)


def take_sent_before(
    moment: datetime, limit: int, *, resend_seconds: Sequence[int], duty: Duty | None = None
) -> list[Message]:
    """The same for waiting tasks whose last message was sent before `moment`, as if none ever was.

    That it finds fewer than `limit`, or none, does not mean that there are no more: others may hold them.
    """
    parameters = {"moment": moment, "limit": limit, "resend": list(resend_seconds)}
    return _messages(TAKE_SENT_BEFORE, parameters, duty)


def any_sent_before(moment: datetime, *, resend_seconds: Sequence[int], duty: Duty | None = None) -> bool:
    """Whether such tasks are left, but for those that the duty leaves out."""
    left_out = duty.left_out() if duty else []
    parameters = {"moment": moment, "resend": list(resend_seconds), "left_out": left_out, "some": None}
    return fetch_one(ANY_SENT_BEFORE_SQL, parameters) is not None


def _messages(statement: SetStatement, parameters: dict[str, Any], duty: Duty | None) -> list[Message]:
    messages = [Message(*row) for row in statement.run(parameters, duty)]
    return sorted(messages, key=lambda message: (-message.priority, message.task_id))


def any_overdue() -> bool:
    """Whether any message was not answered in time: lost, or waiting in a long queue."""
    # In the order of an index. EXISTS could read the whole table where many were overdue when it was last analyzed.
    statement = (
        "SELECT true FROM task WHERE dispatch_at <= statement_timestamp() AND dispatch_count > 0 "
        "ORDER BY dispatch_at LIMIT 1"
    )
    return fetch_one(statement, []) is not None


# In the order of an index. Without it the planner reads the table from its oldest end, where all have ended.
COUNT_SENT_SQL = """
SELECT count(*)
  FROM (SELECT FROM task WHERE dispatch_at IS NOT NULL AND dispatch_count > 0 ORDER BY dispatch_at LIMIT %s) AS sent
"""


def count_sent(most: int) -> int:
    """How many waiting tasks have a message that is on its way, or lost; `most` at the most."""
    row = fetch_one(COUNT_SENT_SQL, [most])
    return int(row[0]) if row else 0
