"""What people ask of a task: cancel it, run it again, change it while it waits. And what its own end date asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tasks_api.database import execute, fetch_all
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.sets import SetStatement, among
from tasks_api.lifecycle import CANCEL, EXPIRE, REVIVE, Status
from tasks_api.transitions.ending import CANCELLED
from tasks_api.transitions.runs import sources


def _cancel(chosen: str) -> str:
    """Rows are locked in the order of their ids, so that two who want the same cannot wait for each other for ever."""
    return f"""
UPDATE task SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()), version = version + 1,
       status = CASE WHEN status = ANY(%(waiting)s) THEN 'REVOKED' ELSE status END,
       error = CASE WHEN status = ANY(%(waiting)s) THEN {CANCELLED} ELSE error END,
       finished_at = CASE WHEN status = ANY(%(waiting)s) THEN clock_timestamp() END,
       dispatch_at = NULL
 WHERE id = ANY(ARRAY(
    SELECT id FROM task WHERE id = ANY({chosen}) AND (status = ANY(%(waiting)s) OR status = %(started)s)
     ORDER BY id FOR UPDATE))
RETURNING id
"""  # noqa: S608 (constants)


CANCEL_SQL = _cancel("%(ids)s")
CANCEL_OF_SCHEDULES_SQL = _cancel("""ARRAY(
    SELECT id FROM task
     WHERE schedule_id = ANY(%(schedules)s) AND status = ANY(%(unfinished)s) AND cancel_requested_at IS NULL
     ORDER BY status = %(started)s DESC, id LIMIT %(limit)s)""")


def cancel(ids: Sequence[UUID]) -> set[UUID]:
    """Cancel what waits at once, and ask what runs to stop. The ids of both; the others are final or gone."""
    parameters = {"ids": list(ids), "waiting": sources(CANCEL), "started": Status.STARTED.value}
    return {row[0] for row in fetch_all(CANCEL_SQL, parameters)}


def cancel_of_schedules(schedules: Sequence[UUID], limit: int, *, waiting_only: bool = False) -> int:
    """The same for up to `limit` tasks of schedules, those that run first. How many."""
    waiting, started = sources(CANCEL), Status.STARTED.value
    parameters = {
        "schedules": list(schedules),
        "unfinished": waiting if waiting_only else [*waiting, started],
        "limit": limit,
        "waiting": waiting,
        "started": started,
    }
    return execute(CANCEL_OF_SCHEDULES_SQL, parameters)


REVIVE_SQL = """
UPDATE task SET status = %(target)s, final_attempt = attempt + max_attempts, run_at = now(), expires_at = NULL,
       cancel_requested_at = NULL, error = NULL, result = NULL, progress = NULL, finished_at = NULL, run_token = NULL,
       dispatch_at = now(), dispatch_count = 0, version = version + 1
 WHERE id = ANY(ARRAY(
    SELECT id FROM task WHERE id = ANY(%(ids)s) AND status = ANY(%(sources)s) ORDER BY id FOR UPDATE))
"""


def revive(ids: Sequence[UUID]) -> int:
    """Let tasks that failed or were cancelled run again at once, with a fresh allowance of attempts. How many."""
    parameters = {"ids": list(ids), "sources": sources(REVIVE), "target": REVIVE.targets[0].value}
    return execute(REVIVE_SQL, parameters)


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for a waiting task; None leaves a field as it is."""

    priority: int | None = None
    run_at: datetime | None = None
    tags: Sequence[str] | None = None


# Messages of before are void: the claim compares their priority, and the time.
EDIT_SQL = """
UPDATE task SET priority = coalesce(%(priority)s, priority), run_at = coalesce(%(run_at)s, run_at),
       tags = coalesce(%(tags)s, tags), version = version + 1,
       dispatch_at = CASE WHEN %(moves)s THEN greatest(coalesce(%(run_at)s, run_at), now()) ELSE dispatch_at END,
       dispatch_count = CASE WHEN %(moves)s THEN 0 ELSE dispatch_count END
 WHERE id = %(id)s AND status = ANY(%(waiting)s)
"""


def edit(task_id: UUID, changes: Edit) -> bool:
    """Change a waiting task; it is handed over anew when its time or priority changed. False: it waits no more."""
    parameters = {
        "id": task_id,
        "waiting": sources(CANCEL),
        "priority": changes.priority,
        "run_at": changes.run_at,
        "tags": changes.tags,
        "moves": changes.priority is not None or changes.run_at is not None,
    }
    return execute(EDIT_SQL, parameters) == 1


_EXPIRED = f"""
    SELECT id FROM task WHERE status = ANY(%(sources)s) AND expires_at <= statement_timestamp() AND {among()}
     ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 (a constant)
EXPIRE_DUE = SetStatement(
    _EXPIRED,
    f"""
UPDATE task SET status = %(target)s, dispatch_at = NULL, finished_at = clock_timestamp(), version = version + 1,
       error = jsonb_build_object('type', 'expired', 'permanent', true, 'message', 'expires_at passed while it waited')
 WHERE id = ANY(ARRAY({_EXPIRED}))
RETURNING id
""",  # noqa: S608 (a constant)
)


def expire(limit: int, duty: Duty | None = None) -> int:
    """Revoke waiting tasks whose `expires_at` has passed. How many."""
    parameters = {"sources": sources(EXPIRE), "target": EXPIRE.targets[0].value, "limit": limit}
    return len(EXPIRE_DUE.run(parameters, duty))
