"""`/workers/`: each method reads its input, calls one verb, and answers."""

from functools import partial
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from access.actions.projects import OfInstallation
from access.door import acting, actor_of
from access.refusals import InstallationOnly
from rest.input import Strict, read_no_body, read_query
from rest.openapi import documented
from rest.pagination import paginate
from rest.problems import Conflict, NotFound
from rest.views import View
from tasks_api import known_nodes
from tasks_api.api import worker_openapi, workers


class WorkerView(View):
    """A view of processes."""

    refusals = {
        known_nodes.NoSuchNode: NotFound,
        known_nodes.NotDrainable: Conflict,
        OfInstallation: InstallationOnly,
    }


class WorkerList(WorkerView):
    """All processes."""

    @documented(worker_openapi.LIST_WORKERS)
    def get(self, request: Request) -> Response:
        """Those that began last first, by pages."""
        query = read_query(workers.WorkerListQuery, request.query_params)
        found = known_nodes.nodes(query.state, query.role)
        represent = partial(workers.represent_all, actor=actor_of(request))
        return paginate(request, found, represent, limit=query.limit, cursor=query.cursor)


class WorkerDetail(WorkerView):
    """One process."""

    @documented(worker_openapi.GET_WORKER)
    def get(self, request: Request, worker_id: UUID) -> Response:
        """The process as it said last."""
        read_query(Strict, request.query_params)
        return Response(workers.represent(known_nodes.find(worker_id), actor_of(request)))


class WorkerDrain(WorkerView):
    """The end of one worker."""

    @documented(worker_openapi.DRAIN_WORKER)
    def post(self, request: Request, worker_id: UUID) -> Response:
        """Ask it to take no more tasks, and to end."""
        read_query(Strict, request.query_params)
        read_no_body(request)
        actor = acting(request)
        return Response(workers.represent(known_nodes.drain(worker_id, actor), actor))
