"""`/failures/`."""

from rest_framework.request import Request
from rest_framework.response import Response

from access.door import actor_of
from rest.input import read_query
from rest.openapi import documented
from tasks_api.api.failure_openapi import LIST_FAILURES
from tasks_api.api.failures import FailuresQuery, failures_of, represent_failures
from tasks_api.api.refusals import TaskView


class FailureList(TaskView):
    """What fails."""

    @documented(LIST_FAILURES)
    def get(self, request: Request) -> Response:
        """Groups of tasks that failed for the same reason."""
        query = read_query(FailuresQuery, request.query_params)
        return Response(represent_failures(failures_of(query, actor_of(request).project_id)))
