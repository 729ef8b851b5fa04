"""What people ask of a task: cancel it, run it again, change it while it waits. And what its own end date asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from access.audit.recording import Event, telling
from tasks_api.database import execute, fetch_all
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.sets import SetStatement, among
from tasks_api.lifecycle import CANCEL, EXPIRE, REVIVE, Status
from tasks_api.models import Task
from tasks_api.transitions.ending import CANCELLED
from tasks_api.transitions.runs import sources

_WITHIN = "(%(project)s::integer IS NULL OR project_id = %(project)s::integer)"
"""In a project, if one is named: what somebody asks for may not reach beyond his own."""


def _cancel(chosen: str, returned: str = "id") -> str:
    """Rows are locked in the order of their ids, so that two who want the same cannot wait for each other for ever."""
    return f"""
UPDATE task SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()), version = version + 1,
       status = CASE WHEN status = ANY(%(waiting)s) THEN 'REVOKED' ELSE status END,
       error = CASE WHEN status = ANY(%(waiting)s) THEN {CANCELLED} ELSE error END,
       finished_at = CASE WHEN status = ANY(%(waiting)s) THEN clock_timestamp() END,
       dispatch_at = NULL
 WHERE id = ANY(ARRAY(
    SELECT id FROM task WHERE id = ANY({chosen}) AND {_WITHIN} AND (status = ANY(%(waiting)s) OR status = %(started)s)
     ORDER BY id FOR UPDATE))
RETURNING {returned}
"""  # noqa: S608 (constants)


CANCEL_SQL = _cancel("%(ids)s")
CANCEL_ONE_SQL = telling(_cancel("%(ids)s", "task.*"))
CANCEL_OF_SCHEDULES_SQL = _cancel("""ARRAY(
    SELECT id FROM task
     WHERE schedule_id = ANY(%(schedules)s) AND status = ANY(%(unfinished)s) AND cancel_requested_at IS NULL
     ORDER BY status = %(started)s DESC, id LIMIT %(limit)s)""")


def cancel(ids: Sequence[UUID], project_id: int | None = None) -> set[UUID]:
    """Cancel what waits at once, and ask what runs to stop. The ids of both; the others are final or gone.

    `project_id`: only in this one, as for all that is asked of a task by its id.
    """
    return {row[0] for row in fetch_all(CANCEL_SQL, _cancelling(ids, project_id))}


def cancel_one(task_id: UUID, project_id: int, event: Event) -> Task | None:
    """The same for one, and its event in the same statement. The task as it is now; None: it is final or gone."""
    return _changed(CANCEL_ONE_SQL, _cancelling([task_id], project_id), event)


def _cancelling(ids: Sequence[UUID], project_id: int | None) -> dict[str, Any]:
    waiting, started = sources(CANCEL), Status.STARTED.value
    return {"ids": list(ids), "project": project_id, "waiting": waiting, "started": started}


def _changed(sql: str, parameters: dict[str, Any], event: Event) -> Task | None:
    """The row that a statement changes and tells of; None: it changed none."""
    return next(iter(Task.objects.raw(sql, {**parameters, **event})), None)


def cancel_of_schedules(schedules: Sequence[UUID], limit: int, *, waiting_only: bool = False) -> int:
    """The same for up to `limit` tasks of schedules, those that run first. How many."""
    waiting, started = sources(CANCEL), Status.STARTED.value
    parameters = {
        "schedules": list(schedules),
        "project": None,
        "unfinished": waiting if waiting_only else [*waiting, started],
        "limit": limit,
        "waiting": waiting,
        "started": started,
    }
    return execute(CANCEL_OF_SCHEDULES_SQL, parameters)


REVIVE_SQL = f"""
UPDATE task SET status = %(target)s, final_attempt = attempt + max_attempts, run_at = now(), expires_at = NULL,
       cancel_requested_at = NULL, error = NULL, fingerprint = NULL, result = NULL, progress = NULL,
       finished_at = NULL, run_token = NULL, dispatch_at = now(), dispatch_count = 0, version = version + 1
 WHERE id = ANY(ARRAY(
    SELECT id FROM task WHERE id = ANY(%(ids)s) AND {_WITHIN} AND status = ANY(%(sources)s) ORDER BY id FOR UPDATE))
"""  # noqa: S608 (a constant)


REVIVE_ONE_SQL = telling(f"{REVIVE_SQL} RETURNING task.*")


def revive(ids: Sequence[UUID], project_id: int | None = None) -> int:
    """Let tasks that failed or were cancelled run again at once, with a fresh allowance of attempts. How many."""
    return execute(REVIVE_SQL, _reviving(ids, project_id))


def revive_one(task_id: UUID, project_id: int, event: Event) -> Task | None:
    """The same for one, and its event in the same statement. The task as it is now; None: it may not, or is gone."""
    return _changed(REVIVE_ONE_SQL, _reviving([task_id], project_id), event)


def _reviving(ids: Sequence[UUID], project_id: int | None) -> dict[str, Any]:
    target = REVIVE.targets[0].value
    return {"ids": list(ids), "project": project_id, "sources": sources(REVIVE), "target": target}


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for a waiting task; None leaves a field as it is."""

    priority: int | None = None
    run_at: datetime | None = None
    tags: Sequence[str] | None = None


# Messages of before are void: the claim compares their priority, and the time.
EDIT_SQL = f"""
UPDATE task SET priority = coalesce(%(priority)s, priority), run_at = coalesce(%(run_at)s, run_at),
       tags = coalesce(%(tags)s, tags), version = version + 1,
       dispatch_at = CASE WHEN %(moves)s THEN greatest(coalesce(%(run_at)s, run_at), now()) ELSE dispatch_at END,
       dispatch_count = CASE WHEN %(moves)s THEN 0 ELSE dispatch_count END
  FROM (SELECT id AS old_id, priority AS old_priority, run_at AS old_run_at, tags AS old_tags FROM task
         WHERE id = %(id)s AND {_WITHIN} AND status = ANY(%(waiting)s) FOR UPDATE) AS old
 WHERE id = old_id
RETURNING task.*, old_priority, old_run_at, old_tags
"""  # noqa: S608 (a constant)


def edit(task_id: UUID, changes: Edit, project_id: int | None = None) -> tuple[Edit, Task] | None:
    """Change a waiting task; it is handed over anew when its time or priority changed. What it was before, and the
    task as it is now; None: it waits no more."""
    parameters = {
        "id": task_id,
        "project": project_id,
        "waiting": sources(CANCEL),
        "priority": changes.priority,
        "run_at": changes.run_at,
        "tags": changes.tags,
        "moves": changes.priority is not None or changes.run_at is not None,
    }
    task: Any = next(iter(Task.objects.raw(EDIT_SQL, parameters)), None)
    return None if task is None else (Edit(task.old_priority, task.old_run_at, task.old_tags), task)


SET_PRIORITY_SQL = f"""
UPDATE task SET priority = %(priority)s, version = version + 1,
       dispatch_at = greatest(run_at, now()), dispatch_count = 0
 WHERE id = ANY(ARRAY(
    SELECT id FROM task
     WHERE id = ANY(%(ids)s) AND {_WITHIN} AND status = ANY(%(waiting)s) AND priority <> %(priority)s
     ORDER BY id FOR UPDATE))
"""  # noqa: S608 (a constant)


def set_priority(ids: Sequence[UUID], priority: int, project_id: int | None = None) -> int:
    """Give waiting tasks another priority; they are handed over anew. How many had another one."""
    parameters = {"ids": list(ids), "project": project_id, "waiting": sources(CANCEL), "priority": priority}
    return execute(SET_PRIORITY_SQL, parameters)


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
