"""What views of one's own apps ask for."""

from hashlib import sha256
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access.models import Session
from access.own import actor_in, has_scope, requires
from access.people import sessions
from access.rates import limits
from access.rates.gcra import Rate
from testing.access import Browser, make_key, make_person, make_project
from testing.api import Api

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@requires("tasks:read")
def plain(request: HttpRequest, number: int) -> HttpResponse:
    """Of Django."""
    actor = actor_in(request)
    return JsonResponse({"number": number, "project": actor.project})


@requires()
def any_key(request: HttpRequest) -> HttpResponse:
    """For whoever is let in."""
    return JsonResponse({"author": actor_in(request).author})


class Framed(APIView):
    """Of Django REST framework."""

    permission_classes = [has_scope("tasks:read")]

    def get(self, request: Request) -> Response:
        """Who asks."""
        actor: Any = request.user
        return Response({"project": actor.project})


urlpatterns = [
    path("plain/<int:number>/", plain),
    path("any/", any_key),
    path("framed/", Framed.as_view()),
]
PATHS = ["/plain/7/", "/framed/"]


def test_no_cache_gives_an_answer_to_others() -> None:
    headers = Api(make_key().text).get("/plain/7/").headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert "x-api-key" in headers["Vary"].lower()


@pytest.mark.parametrize("url", PATHS)
def test_they_count_as_requests_to_the_api_do(url: str) -> None:
    key = make_key(rate={"limit": 2, "window_seconds": 600})
    answers = [Api(key.text).get(url) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit"].startswith('"key";r=1;')
    answers[2].problem(429, "rate_limited")


def test_strangers_count_by_their_address(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        limits, "limiter", limits.Limiter("amqp://nowhere")
    )  # counts here, for this test alone
    make_key()
    settings.RATE_LIMITS = {"key": None, "project": None, "address": Rate(2, 600)}
    answers = [Api().get("/any/").status for _ in range(3)]
    assert answers == [401, 401, 429]


@pytest.mark.parametrize("url", PATHS)
def test_open_mode(url: str, api: Api) -> None:
    assert api.get(url).json["project"] == "default"


@pytest.mark.parametrize("url", PATHS)
def test_a_scope(url: str, api: Api) -> None:
    key = make_key("viewer", make_project("acme"))
    other = make_key(None, scopes=["audit:read"])
    assert Api(key.text).get(url).json["project"] == "acme"
    assert Api(other.text).get(url).problem(403, "scope_missing")["required_scope"] == "tasks:read"
    api.get(url).problem(401, "key_required")
    api.get(url, authorization="Bearer pct_wrong").problem(401, "key_invalid")


def test_any_key(api: Api) -> None:
    key = make_key(None, scopes=["audit:read"])
    assert Api(key.text).get("/any/").json["author"] == f"key:{key.id}"
    api.get("/any/").problem(401, "key_required")


@pytest.mark.parametrize("url", [*PATHS, "/any/"])
def test_a_cookie_is_no_key(url: str) -> None:
    Session.objects.create(digest=sha256(b"token").digest(), person=make_person())
    browser = Browser()
    browser.client.cookies[sessions.COOKIE] = "token"
    assert browser.get(url).status_code == 401


@pytest.mark.parametrize("make", [requires, has_scope])
def test_what_is_no_scope(make: Any) -> None:
    with pytest.raises(ValueError, match="tasks:raed is no scope; there are tasks:read"):
        make("tasks:raed")
