"""Handing waiting tasks to the broker: the one mechanism for later, again, and lost on the way."""

from collections.abc import Sequence

from tasks_api.broker.messages import Message
from tasks_api.database import fetch_one
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.sets import SetStatement, among


def _take_due(which: str) -> SetStatement:
    choice = f"""
    SELECT id FROM task
     WHERE dispatch_at <= statement_timestamp() AND {which} AND {among()}
     ORDER BY priority DESC, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
    sql = f"""
UPDATE task SET dispatch_count = least(dispatch_count, 32000) + 1,
       dispatch_at = clock_timestamp() + make_interval(secs =>
           (%(resend)s::int[])[least(dispatch_count + 1, cardinality(%(resend)s::int[]))])
 WHERE id = ANY(ARRAY({choice}))
RETURNING id, operation, priority, timeout_seconds
"""  # noqa: S608 (a constant)
    return SetStatement(choice, sql)


# Two texts, so that each is served by its own partial index.
TAKE_FIRST = _take_due("dispatch_count = 0")
TAKE_AGAIN = _take_due("dispatch_count > 0")


def take_due(
    limit: int, *, first: bool, resend_seconds: Sequence[int], duty: Duty | None = None
) -> list[Message]:
    """Mark up to `limit` due tasks as handed to the broker. What to publish, the most urgent and oldest first.

    `first`: those that were never sent, whose time has come; otherwise those whose message seems to be lost.
    """
    statement = TAKE_FIRST if first else TAKE_AGAIN
    rows = statement.run({"limit": limit, "resend": list(resend_seconds)}, duty)
    messages = [Message(*row) for row in rows]
    return sorted(messages, key=lambda message: (-message.priority, message.task_id))


_SENT = f"""
    SELECT id FROM task WHERE dispatch_at IS NOT NULL AND dispatch_count > 0 AND {among()}
     LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
FORGET_SENT = SetStatement(
    _SENT,
    f"""
UPDATE task SET dispatch_count = 0, dispatch_at = clock_timestamp() WHERE id = ANY(ARRAY({_SENT})) RETURNING id
""",  # noqa: S608 (a constant)
)
FORGET_CHUNK = 10_000
"""In one transaction, so that a worker never waits long for a row."""


def forget_sent(duty: Duty | None = None) -> int:
    """Everything that waits counts as never sent, and is due now: the broker was emptied. How many."""
    total = 0
    while found := FORGET_SENT.run({"limit": FORGET_CHUNK}, duty):
        total += len(found)
    return total


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
