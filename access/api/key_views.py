"""`/keys/`: each method reads its input, calls one verb, and answers."""

from rest_framework.request import Request
from rest_framework.response import Response

from access.actions import keys
from access.api import key_forms as forms
from access.api import key_openapi as openapi
from access.api.numbered import numbered_page
from access.api.refusals import KeyView
from access.door import acting, actor_of
from rest.input import Strict, read_body, read_no_body, read_query
from rest.openapi import documented

NO_STORE = {"Cache-Control": "no-store"}
"""Of an answer with a key's text."""


class KeyList(KeyView):
    """All keys."""

    @documented(openapi.LIST_KEYS)
    def get(self, request: Request) -> Response:
        """Newest first, by pages."""
        query = read_query(forms.KeyListQuery, request.query_params)
        rows = keys.visible(actor_of(request))
        if query.project is not None:
            rows = rows.filter(project__slug=query.project)
        return numbered_page(request, rows, forms.represent, query)

    @documented(openapi.CREATE_KEY)
    def post(self, request: Request) -> Response:
        """Make a key; its text is told this once."""
        read_query(Strict, request.query_params)
        actor = acting(request)
        made = keys.create(actor, forms.new_key_of(actor, request.data))
        location = request.build_absolute_uri(f"/keys/{made[0].public_id}/")
        return Response(
            forms.represent_with_text(made), status=201, headers={"Location": location, **NO_STORE}
        )


class KeyDetail(KeyView):
    """One key."""

    @documented(openapi.GET_KEY)
    def get(self, request: Request, key_id: str) -> Response:
        """The key, without its text."""
        read_query(Strict, request.query_params)
        return Response(forms.represent(keys.find(actor_of(request), key_id)))

    @documented(openapi.CHANGE_KEY)
    def patch(self, request: Request, key_id: str) -> Response:
        """Change what is named."""
        read_query(Strict, request.query_params)
        return Response(forms.represent(keys.change(acting(request), key_id, forms.changes_of(request.data))))


class RotateKey(KeyView):
    """A key's new text."""

    @documented(openapi.ROTATE_KEY)
    def post(self, request: Request, key_id: str) -> Response:
        """Make it; the old one works a while longer."""
        form = read_body(forms.RotateBody, {} if request.data is None else request.data)
        read_query(Strict, request.query_params)
        made = keys.rotate(acting(request), key_id, form.overlap)
        return Response(forms.represent_with_text(made), status=201, headers=NO_STORE)


class RevokeKey(KeyView):
    """A key's end."""

    @documented(openapi.REVOKE_KEY)
    def post(self, request: Request, key_id: str) -> Response:
        """Let it in no more."""
        read_no_body(request)
        read_query(Strict, request.query_params)
        return Response(forms.represent(keys.revoke(acting(request), key_id)))
