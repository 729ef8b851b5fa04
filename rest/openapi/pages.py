"""The paths of the documents themselves: `/openapi.json`, `/swagger.json`, `/swagger.yaml`, and the pages."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, get_script_prefix, path, re_path
from drf_yasg.openapi import Info
from drf_yasg.views import get_schema_view
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from rest.json import Written, dump
from rest.openapi.described import all_described
from rest.openapi.writer import Writer
from rest.views import View

# The pages work without the internet, and this keeps them from trying: ReDoc's bundle names a picture elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

Page = Callable[..., HttpResponse]


def document_paths(info: Info, writer: Writer) -> list[URLPattern]:
    """The paths of the documents that describe all the others. They are not described themselves."""
    # No address: behind a proxy we do not know the one by which we are called, but callers do.
    views = get_schema_view(
        info, url="", public=True, authentication_classes=[Public], permission_classes=[AllowAny]
    )
    return [
        path("openapi.json", OpenApi.as_view(writer=writer)),
        re_path(r"^swagger\.(?P<format>json|yaml)$", _with_an_end(views.without_ui())),
        path("swagger/", _self_contained(views.with_ui("swagger"))),
        path("redoc/", _self_contained(views.with_ui("redoc"))),
    ]


class OpenApi(View):
    """The document of OpenAPI 3.1."""

    schema = None
    authentication_classes = []
    permission_classes = []
    writer: Writer | None = None

    def get(self, request: Request) -> Response:  # noqa: ARG002 (the same for all)
        """The document. It takes long to write, so it is written once."""
        assert self.writer is not None  # noqa: S101 (as_view was given it)
        return Response(_written(self.writer, get_script_prefix()))


@cache
def _written(writer: Writer, prefix: str) -> Written:
    return Written(dump(writer.write(all_described(), prefix)))


class Public(BaseAuthentication):
    """Asks nobody who they are."""

    def authenticate(self, request: Request) -> None:
        """Nobody."""


def _self_contained(view: Page) -> Page:
    @wraps(view)
    def page(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        response = view(request, *arguments, **options)
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return page


def _with_an_end(view: Page) -> Page:
    """The document as a terminal shows it well: it ends its line."""

    @wraps(view)
    def document(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        response = view(request, *arguments, **options)
        if isinstance(response, Response):  # which is rendered later
            response.add_post_render_callback(_end_line)
        return response

    return document


def _end_line(response: HttpResponse) -> None:
    response.content = response.content.rstrip() + b"\n"
