"""Cancelling and retrying, one task or many: each method reads its input, calls one verb, and answers."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from access.door import acting
from access.refusals import refuse_many
from rest.input import Strict, read_no_body, read_query
from rest.openapi import documented
from tasks_api import actions
from tasks_api.api import action_openapi, tasks, verbs
from tasks_api.api.filters import ManyQuery, selected
from tasks_api.api.quotas import refuse_retries
from tasks_api.api.refusals import TaskView
from tasks_api.api.views import accepted, counted


class CancelTask(TaskView):
    """The end of one task."""

    @documented(action_openapi.CANCEL_TASK)
    def post(self, request: Request, task_id: UUID) -> Response:
        """Cancel a task that waits, or ask one that runs to stop."""
        read_query(Strict, request.query_params)
        read_no_body(request)
        return Response(tasks.represent(actions.cancel(task_id, acting(request))))


class RetryTask(TaskView):
    """One task, once more."""

    @documented(action_openapi.RETRY_TASK)
    def post(self, request: Request, task_id: UUID) -> Response:
        """Let a task that failed or was revoked run again."""
        read_query(Strict, request.query_params)
        read_no_body(request)
        return accepted(request, verbs.retry(task_id, acting(request)))


class CancelTasks(TaskView):
    """The end of many tasks."""

    @documented(action_openapi.CANCEL_TASKS)
    def post(self, request: Request) -> Response:
        """Cancel all that wait, ask all that run to stop."""
        query = _read(request)
        actor = acting(request)
        found = selected(query, actor.project_id)
        changed = actions.cancel_many(found, actor, query.meant, dry_run=query.dry_run)
        return counted(changed, dry_run=query.dry_run)


class RetryTasks(TaskView):
    """Many tasks, once more."""

    @documented(action_openapi.RETRY_TASKS)
    def post(self, request: Request) -> Response:
        """Let all that failed or were revoked run again."""
        query = _read(request)
        actor = acting(request)
        refuse_many(actor)
        found = selected(query, actor.project_id)
        refuse_retries(actor, found)
        changed = actions.retry_many(found, actor, query.meant, dry_run=query.dry_run)
        return counted(changed, dry_run=query.dry_run)


def _read(request: Request) -> ManyQuery:
    read_no_body(request)
    return read_query(ManyQuery, request.query_params)
