"""`/access/`: who am I, and what may I do?"""

from rest_framework.request import Request
from rest_framework.response import Response

from access.api import access_forms as forms
from access.api import access_openapi as openapi
from access.door import actor_of
from rest.input import Strict, read_body, read_query
from rest.openapi import documented
from rest.views import View


class Access(View):
    """Whoever asks."""

    @documented(openapi.GET_ACCESS)
    def get(self, request: Request) -> Response:
        """Who is asking, and what they may do."""
        read_query(Strict, request.query_params)
        return Response(forms.represent(actor_of(request)))


class AccessCheck(View):
    """A request that is not carried out."""

    @documented(openapi.CHECK_ACCESS)
    def post(self, request: Request) -> Response:
        """Whether it would be let through."""
        read_query(Strict, request.query_params)
        return Response(forms.judge(actor_of(request), read_body(forms.CheckBody, request.data)))
