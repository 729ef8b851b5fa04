"""`/audit/`: who changed what."""

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from access.api import audit_forms as forms
from access.api import audit_openapi as openapi
from access.door import actor_of
from rest.input import read_query
from rest.openapi import documented
from rest.pagination import paginate
from rest.renderers import JSONRenderer
from rest.views import View


class LinesRenderer(JSONRenderer):
    """Makes the view accept `Accept: application/x-ndjson`."""

    media_type = openapi.LINES
    format = "ndjson"


class AuditLog(View):
    """The audit log."""

    renderer_classes = [JSONRenderer, LinesRenderer]

    @documented(openapi.LIST_EVENTS)
    def get(self, request: Request) -> HttpResponseBase:
        """Newest first, by pages, or all as lines."""
        query, actor = read_query(forms.AuditQuery, request.query_params), actor_of(request)
        rows = forms.filtered(query, actor)
        if request.accepted_renderer.media_type == openapi.LINES:
            return StreamingHttpResponse(forms.lines(rows, actor), content_type=openapi.LINES)
        return paginate(
            request,
            rows,
            lambda found: [forms.represent(event, actor) for event in found],
            limit=query.limit,
            cursor=query.cursor,
        )
