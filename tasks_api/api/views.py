"""`/tasks/`, `/operations/` and `/health/`: each method reads its input, calls one verb, and answers."""

from dataclasses import asdict
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from access.actor import Actor
from access.api.idempotent import Effect, left, once
from access.door import acting, actor_of
from access.idempotency import Ids
from access.payloads import are_hidden_from
from access.rates import limits
from operations import UnknownOperation, catalogue
from rest.conditions import etag, is_known
from rest.headers import APPLIED, applied, preferred_wait
from rest.input import Strict, read_query
from rest.json import dump
from rest.openapi import documented
from rest.pagination import paginate
from rest.problems import NotFound
from rest.unavailable import DatabaseAway
from rest.views import View
from tasks_api import removal
from tasks_api.api import action_openapi, batches, filters, openapi, operations, tasks, verbs
from tasks_api.api.attempts import attempts_of
from tasks_api.api.creating import create_task
from tasks_api.api.refusals import TaskView
from tasks_api.health.readiness import health
from tasks_api.isolation.chunks import Changed
from tasks_api.lifecycle import FINAL
from tasks_api.models import Task, find_task, no_task
from tasks_api.shown import AnyTask, find_shown
from tasks_api.watching import TooManyWait, watcher

RETRY_AFTER_SECONDS = "1"


class TaskList(TaskView):
    """All tasks."""

    @documented(openapi.LIST_TASKS)
    def get(self, request: Request) -> Response:
        """Newest first, by pages."""
        query = read_query(filters.TaskListQuery, request.query_params)
        found, read = filters.listed(query, actor_of(request).project_id)
        limit, cursor = query.limit, query.cursor
        return paginate(request, found, tasks.represent_all, limit=limit, cursor=cursor, read=read)

    @documented(openapi.CREATE_TASK)
    def post(self, request: Request) -> Response:
        """Create a task; it runs as soon as it is due and a worker is free."""
        read_query(Strict, request.query_params)
        actor = actor_of(request)

        def create() -> Effect:
            task = create_task(request.data, actor)
            return Effect(accepted(request, task), [task.id])

        def again(ids: Ids) -> Response:
            own = Task.objects.filter(project_id=actor.project_id)
            return accepted(request, left(own, ids))

        seconds = preferred_wait(request)
        answer = once(request, create, again)
        return _followed(answer, actor, seconds) if seconds else answer


def _followed(answer: Response, actor: Actor, seconds: int) -> Response:
    """The answer with its task as it is when it is final, or after so many seconds, as a caller prefers."""
    try:
        task = _awaited(find_shown(UUID(answer.data["id"]), actor.project_id), seconds, actor)
    except (TooManyWait, Task.DoesNotExist):  # the one that was created may have been deleted meanwhile
        return answer
    answer.data = tasks.represent(task)
    answer[APPLIED] = applied(seconds)[APPLIED]
    if task.status in FINAL:
        answer.status_code = 200
        del answer.headers["Retry-After"]
    return answer


def _awaited(task: AnyTask, seconds: float, actor: Actor) -> AnyTask:
    """The task as soon as it is final, or as it is after so many seconds. Raises TooManyWait, Task.DoesNotExist."""
    if task.status in FINAL:
        return task
    found = watcher.wait_until_final(task, seconds, actor)
    if found is None:
        raise no_task(task.id)
    return found


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
        actor = actor_of(request)
        limits.count_items(request, actor, len(request.data) if isinstance(request.data, list) else 0)
        return once(
            request,
            lambda: batches.create(request.data, actor, atomic=options.atomic),
            lambda ids: batches.tell_again(request.data, actor, ids),
        )


class TaskDetail(TaskView):
    """One task."""

    @documented(openapi.GET_TASK)
    def get(self, request: Request, task_id: UUID) -> Response:
        """The task as it is now. With `wait`: as soon as it is final, or after that many seconds."""
        query = read_query(tasks.Wait, request.query_params)
        actor = actor_of(request)
        task: AnyTask = find_shown(task_id, actor.project_id)
        preferred = preferred_wait(request)
        if "wait" in query.model_fields_set:
            preferred = 0
        headers = applied(preferred) if preferred else {}
        if seconds := query.wait or preferred:
            try:
                task = _awaited(task, seconds, actor)
            except TooManyWait:
                headers = {"Retry-After": RETRY_AFTER_SECONDS}
        shown = tasks.with_files(task)
        # Files come and go without a new version of the task.
        files = dump(shown["files"]) if "files" in shown else b""
        tag = etag(task.version, files, is_masked=are_hidden_from(actor))
        headers |= tag
        if is_known(request, tag):
            return Response(status=304, headers=headers)
        return Response(shown, headers=headers)

    @documented(action_openapi.CHANGE_TASK)
    def patch(self, request: Request, task_id: UUID) -> Response:
        """Change a waiting task."""
        read_query(Strict, request.query_params)
        return Response(tasks.represent(verbs.change(task_id, request.data, acting(request))))

    @documented(openapi.DELETE_TASK)
    def delete(self, request: Request, task_id: UUID) -> Response:
        """Works for tasks that have not started; with `force`, also for final ones."""
        options = read_query(tasks.DeleteOptions, request.query_params)
        removal.remove(task_id, acting(request), force=options.force)
        return Response(status=204)


class TaskAttempts(TaskView):
    """The attempts at one task."""

    @documented(action_openapi.LIST_ATTEMPTS)
    def get(self, request: Request, task_id: UUID) -> Response:
        """Every attempt, in the order in which they began."""
        read_query(Strict, request.query_params)
        return Response({"results": attempts_of(find_task(task_id, actor_of(request).project_id))})


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
