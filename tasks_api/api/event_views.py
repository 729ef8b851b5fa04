"""`GET /tasks/{id}/events/`."""

from uuid import UUID

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from rest.input import Strict, read_query
from rest.openapi import Answer, Endpoint, documented
from tasks_api.api import events, openapi
from tasks_api.api.refusals import TaskView
from tasks_api.models import find_task

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
a second apart may be reported as one. An interrupted stream resumes after `Last-Event-ID`."""

TASK_EVENTS = Endpoint(
    operation_id="task_events",
    summary="Follow a task live",
    description=DESCRIPTION,
    headers={"Last-Event-ID": "The `id` of the last event received; browsers send it automatically."},
    answers={
        200: Answer("Events.", str, EXAMPLE, media_type=events.MEDIA_TYPE),
        204: Answer(
            "The task is final and `Last-Event-ID` names its `end` event. Browsers do not reconnect."
        ),
    },
    refusals=(openapi.NO_TASK,),
)


class TaskEvents(TaskView):
    """One task, as a stream."""

    renderer_classes = [events.EventStreamRenderer]

    @documented(TASK_EVENTS)
    def get(self, request: Request, task_id: UUID) -> HttpResponseBase:
        """Each change that a client can see, until the task is final."""
        read_query(Strict, request.query_params)
        return events.stream(find_task(task_id), request.headers.get("Last-Event-ID", ""))
