"""Taking tasks back from those who cannot end them any more."""

from uuid import UUID

from tasks_api.database import fetch_all
from tasks_api.fingerprints import fingerprint_sql
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.sets import SetStatement, among
from tasks_api.lifecycle import HAND_BACK, RESCUE
from tasks_api.transitions.attempt_log import Ended, log_attempts
from tasks_api.transitions.ending import Ending
from tasks_api.transitions.runs import sources

NODE_LEASE_SECONDS = 10
"""A node that was silent for so long is dead, and its tasks are rescued."""
NODE_GAP_SECONDS = NODE_LEASE_SECONDS / 2
"""A node that was silent for so long cannot tell what happened meanwhile."""

# Without its token, the attempt that is taken back cannot pass for the one that ended the task, should it still end.
_VOID = ", run_token = NULL"

_LOST = Ending(
    again="retry_when_lost AND attempt < final_attempt",
    outcome="'lost'",
    error="""jsonb_build_object('type', 'lost', 'message', 'the worker that ran attempt ' || attempt || ' is gone',
                                'permanent', NOT (retry_when_lost AND attempt < final_attempt))""",
    fingerprint=fingerprint_sql({"type": "lost", "message": "the worker that ran attempt 1 is gone"}),
    more=_VOID,
)
_OVERDUE = Ending(
    again="attempt < final_attempt",
    outcome="'timeout'",
    error="""jsonb_build_object('type', 'timeout', 'message', 'it did not end within timeout_seconds and was killed',
                                'permanent', attempt >= final_attempt)""",
    fingerprint=fingerprint_sql(
        {"type": "timeout", "message": "it did not end within timeout_seconds and was killed"}
    ),
    more=_VOID,
)
# What may not be repeated is not begun anew for the sake of a restart: nobody knows how much of it was done.
_HANDED_BACK = Ending(
    again="retry_when_lost",
    outcome="'interrupted'",
    error="""jsonb_build_object('type', 'interrupted', 'permanent', NOT retry_when_lost, 'message',
                                CASE WHEN retry_when_lost THEN 'its worker stopped; this attempt does not count'
                                     ELSE 'its worker stopped in the middle of it, and it may not be repeated' END)""",
    fingerprint=fingerprint_sql(
        {
            "type": "interrupted",
            "message": "its worker stopped in the middle of it, and it may not be repeated",
        }
    ),
    more=_VOID + ", final_attempt = final_attempt + 1",
)

# Somebody must have written without a gap for a whole lease, or it is the database that was silent, not the node.
# Such a witness must have written lately: its last word from before a silence that has just ended proves nothing.
_ON_DEAD_NODES = f"""
    SELECT id FROM task
     WHERE status = ANY(%(sources)s) AND started_at < statement_timestamp() - make_interval(secs => %(lease)s)
       AND NOT EXISTS (SELECT FROM worker_node WHERE worker_node.id = task.node_id AND stopped_at IS NULL
                          AND beat_at > clock_timestamp() - make_interval(secs => %(lease)s))
       AND {among()}
     ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
RESCUE_DEAD = SetStatement(
    _ON_DEAD_NODES,
    _LOST.statement(f"""id = ANY(ARRAY({_ON_DEAD_NODES}))
   AND EXISTS (SELECT FROM worker_node
                WHERE stopped_at IS NULL AND beat_at > clock_timestamp() - make_interval(secs => %(gap)s)
                  AND alive_since < clock_timestamp() - make_interval(secs => %(lease)s))"""),
)

_PAST_DEADLINE = f"""
    SELECT id FROM task WHERE status = ANY(%(sources)s) AND deadline_at < statement_timestamp() AND {among()}
     ORDER BY deadline_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
RESCUE_OVERDUE = SetStatement(_PAST_DEADLINE, _OVERDUE.statement(f"id = ANY(ARRAY({_PAST_DEADLINE}))"))

_OF_NODE = "id = %(id)s AND node_id = %(node)s"
RESCUE_RUN_SQL = {"lost": _LOST.statement(_OF_NODE), "timeout": _OVERDUE.statement(_OF_NODE)}
HAND_BACK_SQL = _HANDED_BACK.statement("node_id = %(node)s AND (%(id)s IS NULL OR id = %(id)s)")
HAND_BACK_FREE_SQL = _HANDED_BACK.statement("""id = ANY(ARRAY(
    SELECT id FROM task WHERE node_id = %(node)s AND status = ANY(%(sources)s) FOR UPDATE SKIP LOCKED))""")


def rescue_from_dead_nodes(limit: int, duty: Duty | None = None) -> list[UUID]:
    """Take tasks back from nodes that are gone. Their ids; those that may be tried again are due at once."""
    parameters = {
        "sources": sources(RESCUE),
        "lease": NODE_LEASE_SECONDS,
        "gap": NODE_GAP_SECONDS,
        "limit": limit,
    }
    return log_attempts(Ended(*row) for row in RESCUE_DEAD.run(parameters, duty))


def rescue_overdue(limit: int, duty: Duty | None = None) -> list[UUID]:
    """End the attempts that last longer than any may, as where their worker is frozen. Their ids."""
    rows = RESCUE_OVERDUE.run({"sources": sources(RESCUE), "limit": limit}, duty)
    return log_attempts(Ended(*row) for row in rows)


def rescue_run(task_id: UUID, node: UUID, *, timed_out: bool = False) -> bool:
    """Take one task back from a node that lives on, although the process that ran the task does not."""
    statement = RESCUE_RUN_SQL["timeout" if timed_out else "lost"]
    return bool(_ended(statement, sources=sources(RESCUE), id=task_id, node=node))


def hand_back(node: UUID, task_id: UUID | None = None) -> list[UUID]:
    """Give back what a stopping node still runs, or one task of it: due at once, and the attempt does not count."""
    return _ended(HAND_BACK_SQL, sources=sources(HAND_BACK), node=node, id=task_id)


def hand_back_free(node: UUID) -> list[UUID]:
    """The same for all that the node runs, but for the rows that somebody has locked. Those are rescued later."""
    return _ended(HAND_BACK_FREE_SQL, sources=sources(HAND_BACK), node=node)


def cancelled_on(node: UUID) -> list[UUID]:
    """The tasks that this node runs and that somebody asked to stop."""
    return [
        row[0]
        for row in fetch_all(
            "SELECT id FROM task WHERE status = 'STARTED' AND node_id = %s AND cancel_requested_at IS NOT NULL",
            [node],
        )
    ]


def started_on(node: UUID, *, seconds_ago: float) -> set[UUID]:
    """The tasks that this node claimed at least so long ago and has not ended."""
    statement = (
        "SELECT id FROM task WHERE status = 'STARTED' AND node_id = %s "
        "AND started_at < clock_timestamp() - make_interval(secs => %s)"
    )
    return {row[0] for row in fetch_all(statement, [node, seconds_ago])}


def _ended(statement: str, **parameters: object) -> list[UUID]:
    return log_attempts(Ended(*row) for row in fetch_all(statement, parameters))
