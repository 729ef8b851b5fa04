"""Addresses for trying out what all resources have in common."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rest.middleware import current_request_id
from rest.problems import Conflict, FieldError, InvalidInput, PreconditionFailed

handler400 = "rest.handlers.bad_request"
handler403 = "rest.handlers.forbidden"
handler404 = "rest.handlers.not_found"
handler500 = "rest.handlers.server_error"

SECRET = "the password is swordfish"


class Echo(APIView):
    """Answers with what it understood."""

    def post(self, request: Request) -> Response:
        return Response({"understood": request.data})

    def get(self, request: Request) -> Response:
        return Response({"request_id": current_request_id()})


class Broken(APIView):
    """Fails as nobody foresaw."""

    def get(self, request: Request) -> Response:
        raise RuntimeError(SECRET)


class Refusing(APIView):
    """Refuses, as views do."""

    def get(self, request: Request, why: str) -> Response:
        raise REFUSALS[why]


REFUSALS: dict[str, Exception] = {
    "conflict": Conflict("it runs", headers={"Retry-After": "7"}),
    "stale": PreconditionFailed("somebody else changed it"),
    "denied": PermissionDenied(),
    "input": InvalidInput(
        [
            FieldError(("tags", 0, "a/b~c"), "min_length", "must not be empty"),
            FieldError(("limit",), "max_value", "must be at most 500, got 501", parameter=True),
        ]
    ),
}


class Asking(APIView):
    """Asks the database."""

    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return Response({})


def broken_outside(request: HttpRequest) -> HttpResponse:
    """A view that DRF knows nothing of."""
    raise RuntimeError(SECRET)


def denied_outside(request: HttpRequest) -> HttpResponse:
    """Another one."""
    raise PermissionDenied


def asking_outside(request: HttpRequest) -> HttpResponse:
    """A page that asks the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("here")


@require_GET
def reading_outside(request: HttpRequest) -> HttpResponse:
    """A page that nothing can be sent to."""
    return HttpResponse("here")


def teapot_outside(request: HttpRequest) -> HttpResponse:
    """An error without a word."""
    return HttpResponse(status=418)


def form_outside(request: HttpRequest) -> HttpResponse:
    """An error that says itself what is wrong."""
    return HttpResponse("fill it in", status=400)


urlpatterns: list[Any] = [
    path("echo/", Echo.as_view()),
    path("broken/", Broken.as_view()),
    path("refusing/<str:why>/", Refusing.as_view()),
    path("asking/", Asking.as_view()),
    path("outside/broken/", broken_outside),
    path("outside/denied/", denied_outside),
    path("outside/asking/", asking_outside),
    path("outside/reading/", reading_outside),
    path("outside/teapot/", teapot_outside),
    path("outside/form/", form_outside),
    path("exact", Echo.as_view()),
]
