"""`/tasks/`, `/operations/` and `/health/`: each method reads its input, calls one verb, and answers."""

from dataclasses import asdict
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from operations import UnknownOperation, catalogue
from rest.input import Strict, read_query
from rest.openapi import documented
from rest.pagination import paginate
from rest.problems import DatabaseAway, NotFound
from rest.views import View
from tasks_api import actions, removal
from tasks_api.api import action_openapi, batches, filters, openapi, operations, tasks
from tasks_api.api.attempts import attempts_of
from tasks_api.api.idempotent import Effect, left, once
from tasks_api.api.refusals import TaskView
from tasks_api.health.readiness import health
from tasks_api.isolation.chunks import Changed
from tasks_api.lifecycle import FINAL
from tasks_api.models import Task, find_task, no_task
from tasks_api.shown import AnyTask, find_shown
from tasks_api.submission import submit
from tasks_api.watching import TooManyWait, watcher

RETRY_AFTER_SECONDS = "1"


class TaskList(TaskView):
    """All tasks."""

    @documented(openapi.LIST_TASKS)
    def get(self, request: Request) -> Response:
        """Newest first, by pages."""
        query = read_query(filters.TaskListQuery, request.query_params)
        return paginate(
            request, filters.filtered(query), tasks.represent_all, limit=query.limit, cursor=query.cursor
        )

    @documented(openapi.CREATE_TASK)
    def post(self, request: Request) -> Response:
        """Create a task; it runs as soon as it is due and a worker is free."""
        read_query(Strict, request.query_params)

        def create() -> Effect:
            (task,) = submit([tasks.new_task(request.data)]).shown()
            return Effect(accepted(request, task), [task.id])

        return once(request, create, lambda ids: accepted(request, left(Task.objects.all(), ids)))


def accepted(request: Request, task: AnyTask) -> Response:
    """202: where the task is, and when to look."""
    location = request.build_absolute_uri(f"/tasks/{task.id}/")
    headers = {"Location": location, "Retry-After": RETRY_AFTER_SECONDS}
    return Response(tasks.represent(task), status=202, headers=headers)


def counted(changed: Changed, *, dry_run: bool) -> Response:
    """How many of many were changed, or would be."""
    return Response({**asdict(changed), "dry_run": dry_run})


class TaskBatch(TaskView):
    """Many tasks in one request."""

    @documented(openapi.CREATE_TASKS)
    def post(self, request: Request) -> Response:
        """Create the valid items in one transaction, and tell of the others by index."""
        options = read_query(tasks.BatchOptions, request.query_params)
        return once(
            request,
            lambda: batches.create(request.data, atomic=options.atomic),
            lambda ids: batches.tell_again(request.data, ids),
        )


class TaskDetail(TaskView):
    """One task."""

    @documented(openapi.GET_TASK)
    def get(self, request: Request, task_id: UUID) -> Response:
        """The task as it is now. With `wait`: as soon as it is final, or after that many seconds."""
        query = read_query(tasks.Wait, request.query_params)
        task: AnyTask = find_shown(task_id)
        headers = {}
        if query.wait and task.status not in FINAL:
            try:
                found = watcher.wait_until_final(task, query.wait)
            except TooManyWait:
                headers["Retry-After"] = RETRY_AFTER_SECONDS
            else:
                if found is None:
                    raise no_task(task_id)
                task = found
        return Response(tasks.represent(task), headers=headers)

    @documented(action_openapi.CHANGE_TASK)
    def patch(self, request: Request, task_id: UUID) -> Response:
        """Change a waiting task."""
        read_query(Strict, request.query_params)
        return Response(tasks.represent(actions.edit(task_id, tasks.changes(request.data))))

    @documented(openapi.DELETE_TASK)
    def delete(self, request: Request, task_id: UUID) -> Response:
        """Works for tasks that have not started; with `force`, also for final ones."""
        options = read_query(tasks.DeleteOptions, request.query_params)
        removal.remove(task_id, force=options.force)
        return Response(status=204)


class TaskAttempts(TaskView):
    """The attempts at one task."""

    @documented(action_openapi.LIST_ATTEMPTS)
    def get(self, request: Request, task_id: UUID) -> Response:
        """Every attempt, in the order in which they began."""
        read_query(Strict, request.query_params)
        return Response({"results": attempts_of(find_task(task_id))})


class OperationList(View):
    """What tasks can do."""

    @documented(openapi.LIST_OPERATIONS)
    def get(self, request: Request) -> Response:
        """Every operation, with the JSON Schemas of its arguments and its result."""
        read_query(Strict, request.query_params)
        return Response({"results": [operations.represent(operation) for operation in catalogue.all()]})


class OperationDetail(View):
    """One operation."""

    refusals = {UnknownOperation: NotFound}

    @documented(openapi.GET_OPERATION)
    def get(self, request: Request, name: str) -> Response:
        """The operation with this name."""
        read_query(Strict, request.query_params)
        return Response(operations.represent(catalogue.get(name)))


class Live(View):
    """Check that this process answers."""

    @documented(openapi.LIVE)
    def get(self, request: Request) -> Response:
        """200 whenever the process can answer, whatever else is wrong."""
        read_query(Strict, request.query_params)
        return Response({"status": "ok"})


class Ready(View):
    """Check the whole service."""

    @documented(openapi.READY)
    def get(self, request: Request) -> Response:
        """The state of each part. 503 only without the database, because only then are no tasks accepted."""
        read_query(Strict, request.query_params)
        accepts, status, parts = health.readiness()
        if not accepts:
            raise DatabaseAway(**parts)
        return Response({"status": status, **parts})
