"""`/bulk-actions/`: each method reads its input, calls one verb, and answers."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from access.api.idempotent import Effect, KeyMeansAnother, key_of, left, once
from access.api.views import PayloadView
from access.door import acting, actor_of, admit
from access.idempotency import Ids, KeyReused
from rest.input import Strict, read_no_body, read_query
from rest.openapi import documented
from rest.pagination import paginate
from rest.problems import Conflict, NotFound
from rest.views import invalid
from schedules.actions.bulk import KINDS
from schedules.actions.pausing import PauseEndsInThePast
from schedules.api import bulk_actions, bulk_openapi
from tasks_api.api.filters import Page
from tasks_api.api.views import RETRY_AFTER_SECONDS
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.bulk_actions import beginning


class BulkActionView(PayloadView):
    """A view of bulk actions, whose filters may hold what is in payloads."""

    refusals = {
        BulkAction.DoesNotExist: NotFound,
        beginning.AlreadyEnded: Conflict,
        PauseEndsInThePast: invalid("until", "too_early"),
        KeyReused: KeyMeansAnother,
    }


class BulkActionList(BulkActionView):
    """All bulk actions."""

    @documented(bulk_openapi.LIST_BULK_ACTIONS)
    def get(self, request: Request) -> Response:
        """Newest first, by pages."""
        query = read_query(Page, request.query_params)
        own = BulkAction.objects.filter(project_id=actor_of(request).project_id)
        return paginate(request, own, bulk_actions.represent_all, limit=query.limit, cursor=query.cursor)

    @documented(bulk_openapi.CREATE_BULK_ACTION)
    def post(self, request: Request) -> Response:
        """Count, or begin."""
        read_query(Strict, request.query_params)
        actor = acting(request)
        if isinstance(request.data, dict) and request.data.get("dry_run") is True:
            key_of(request)  # one that is none is refused here, too
            asked = bulk_actions.Request(request.data, actor)
            return Response(asked.represent_dry_run(asked.count()))

        def create() -> Effect:
            row = bulk_actions.Request(request.data, actor).begin()
            return Effect(_accepted(request, row), [row.id])

        def again(ids: Ids) -> Response:
            own = BulkAction.objects.filter(project_id=actor.project_id)
            return _accepted(request, left(own, ids))

        return once(request, create, again)


def _accepted(request: Request, row: BulkAction) -> Response:
    location = request.build_absolute_uri(f"/bulk-actions/{row.id}/")
    headers = {"Location": location, "Retry-After": RETRY_AFTER_SECONDS}
    return Response(bulk_actions.represent(row), status=202, headers=headers)


class BulkActionDetail(BulkActionView):
    """One bulk action."""

    @documented(bulk_openapi.GET_BULK_ACTION)
    def get(self, request: Request, bulk_action_id: UUID) -> Response:
        """How far it is."""
        read_query(Strict, request.query_params)
        row = beginning.find_bulk_action(bulk_action_id, actor_of(request).project_id)
        return Response(bulk_actions.represent(row))


class CancelBulkAction(BulkActionView):
    """The end of one, before its time."""

    @documented(bulk_openapi.CANCEL_BULK_ACTION)
    def post(self, request: Request, bulk_action_id: UUID) -> Response:
        """Do no more of it."""
        read_no_body(request)
        read_query(Strict, request.query_params)
        actor = acting(request)
        row = beginning.find_bulk_action(bulk_action_id, actor.project_id)
        if row.action in KINDS:
            admit(actor, KINDS[row.action].scope)
        return Response(bulk_actions.represent(beginning.stop(row.id, actor)))
