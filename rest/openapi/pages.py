"""The document's own paths: `/swagger.json`, `/swagger.yaml`, and the pages that show it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from drf_yasg.openapi import Info
from drf_yasg.views import get_schema_view
from rest_framework.response import Response

# The pages work without the internet, and this keeps them from trying: ReDoc's bundle names a picture elsewhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

View = Callable[..., HttpResponse]


def document_paths(info: Info) -> list[URLPattern]:
    """The paths of the document that describes all the others. They are not described themselves."""
    # No address: behind a proxy we do not know the one by which we are called, but callers do.
    views = get_schema_view(info, url="", public=True)
    return [
        re_path(r"^swagger\.(?P<format>json|yaml)$", _with_an_end(views.without_ui())),
        path("swagger/", _self_contained(views.with_ui("swagger"))),
        path("redoc/", _self_contained(views.with_ui("redoc"))),
    ]


def _self_contained(view: View) -> View:
    @wraps(view)
    def page(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        response = view(request, *arguments, **options)
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return page


def _with_an_end(view: View) -> View:
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
