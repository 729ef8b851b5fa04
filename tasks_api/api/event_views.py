"""`GET /tasks/{id}/events/`."""

from typing import Annotated
from uuid import UUID

from django.http.response import HttpResponseBase
from pydantic import Field
from rest_framework.request import Request

from access.door import actor_of
from access.scopes import Scope
from rest.headers import Header, header_of
from rest.input import Strict, read_query
from rest.openapi import Answer, Endpoint, Refusal, conventions, documented
from tasks_api.api import events, openapi
from tasks_api.api.refusals import TaskView
from tasks_api.models import find_task

LAST = "Last-Event-ID"
EXAMPLE = """retry: 3000

id: 1
event: status
data: {"id":"01994f3c-8a00-7c3d-9f21-4b1f0a6de851","operation":"sleep","status":"STARTED",...}

id: 2
event: progress
data: {"message":null,"percent":50.0}

id: 3
event: end
data: {"id":"01994f3c-8a00-7c3d-9f21-4b1f0a6de851","operation":"sleep","status":"SUCCESS",...}

"""
DESCRIPTION = """Server-sent events until the task is final.
`status` and `end` carry the task as in `GET /tasks/{id}/`; `progress` carries its `progress` field.
`end` is the last event; for a deleted task its data is `{"id": ..., "deleted": true}`. Changes less than a twentieth of
a second apart may be reported as one. An interrupted stream resumes after `Last-Event-ID`. A stream ends within
a few seconds after its key was revoked, has expired or lost a scope that the stream rests on."""

Events = Annotated[str, Field(json_schema_extra={"maxLength": 2**31 - 1})]
"""It ends with the task, which may take a week."""

TOO_MANY = Refusal(
    f"{conventions.TOO_MANY.description} Or as many requests with your key, or of your project, as may are waiting for "
    "tasks (`too_many_of_yours_waiting`).",
    conventions.TOO_MANY.example,
    conventions.TOO_MANY.shape,
)

TASK_EVENTS = Endpoint(
    operation_id="task_events",
    summary="Follow a task live",
    scope=Scope.TASKS_READ,
    description=DESCRIPTION,
    headers={LAST: Header("The `id` of the last event received; browsers send it automatically.")},
    answers={
        200: Answer("Events.", Events, EXAMPLE, media_type=events.MEDIA_TYPE),
        204: Answer(
            "The task is final and `Last-Event-ID` names its `end` event. Browsers do not reconnect."
        ),
    },
    refusals=(openapi.NO_TASK, TOO_MANY),
)


class TaskEvents(TaskView):
    """One task, as a stream."""

    renderer_classes = [events.EventStreamRenderer]

    @documented(TASK_EVENTS)
    def get(self, request: Request, task_id: UUID) -> HttpResponseBase:
        """Each change that a client can see, until the task is final."""
        read_query(Strict, request.query_params)
        actor = actor_of(request)
        task = find_task(task_id, actor.project_id)
        return events.stream(task, header_of(request, LAST) or "", actor)
