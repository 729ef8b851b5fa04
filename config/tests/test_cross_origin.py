"""Pages of other sites may use the API where CORS_ALLOWED_ORIGINS names them: with a key, and never with cookies."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from access.key_text import PREFIX, new_key
from config import cross_origin
from config.setting_checks import origins
from rest import early
from rest.cross_origin import carries_key, headers_of
from rest.openapi.conventions import HEADERS
from rest.unavailable import DatabaseAway
from testing.access import make_key
from testing.api import Answer, Api
from testing.openapi import document
from testing.web import Web, running_web

APP = "https://app.example"
CORS = "corsheaders.middleware.CorsMiddleware"
SUM = {"operation": "4+7"}
SHOWN = ", ".join(cross_origin.SHOWN_HEADERS)
FROM_APP = {"origin": APP, "sec_fetch_site": "cross-site"}


@pytest.fixture
def allowed(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [APP]
    settings.MIDDLEWARE = [configured.MIDDLEWARE[0], CORS, *configured.MIDDLEWARE[1:]]


@pytest.fixture(scope="module")
def page_web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A real server with two such sites."""
    origins = f"{APP}, http://localhost:5173"
    with running_web(tmp_path_factory.mktemp("cors"), CORS_ALLOWED_ORIGINS=origins) as (web, _):
        yield web


def told(headers: Mapping[str, str]) -> dict[str, str]:
    """What is told of other sites."""
    return {
        name.lower(): value for name, value in headers.items() if name.lower().startswith("access-control-")
    }


TO_A_PAGE = {"access-control-allow-origin": APP, "access-control-expose-headers": SHOWN}


def preflight(api: Api, path: str, method: str = "POST", origin: str = APP) -> Answer:
    asked = {"access_control_request_method": method, "access_control_request_headers": "authorization"}
    return api.send("OPTIONS", path, b"", origin=origin, **asked)


@pytest.mark.usefixtures("allowed")
@pytest.mark.django_db
class TestAllowed:
    @pytest.mark.parametrize("path", ["/tasks/", "/tasks", "/tasks/batch-request/", "/nothing/"])
    def test_a_browser_that_asks_first_needs_no_key(self, path: str, api: Api) -> None:
        make_key()
        answer = preflight(api, path)
        assert (answer.status, answer.content) == (200, b"")
        assert told(answer.headers) == {
            **TO_A_PAGE,
            "access-control-allow-headers": ", ".join(cross_origin.SENT_HEADERS),
            "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
            "access-control-max-age": "3600",
        }
        assert "origin" in answer.headers["Vary"]
        assert answer.headers["X-Request-ID"]

    @pytest.mark.parametrize(
        "origin",
        ["https://evil.example", "http://app.example", f"{APP}:8443", f"{APP}.evil.example", "null", "x["],
    )
    def test_other_sites_are_told_nothing(self, origin: str, api: Api) -> None:
        for answer in (preflight(api, "/tasks/", origin=origin), api.get("/operations/", origin=origin)):
            assert told(answer.headers) == {}
            assert "origin" in answer.headers["Vary"]
        key = make_key().text
        refused = Api(key).post("/tasks/", SUM, origin=origin, sec_fetch_site="cross-site")
        assert "pages of other sites" in refused.problem(403, "forbidden")["detail"]

    def test_with_a_key_a_page_may_do_what_the_key_may(self) -> None:
        key = make_key().text
        for headers in ({"authorization": f"Bearer {key}"}, {"x_api_key": key}):
            answer = Api().post("/tasks/", SUM, **FROM_APP, **headers)
            assert answer.status == 202
            assert told(answer.headers) == TO_A_PAGE
        assert Api(key).get("/tasks/", **FROM_APP).status == 200
        assert Api(make_key("viewer").text).post("/tasks/", SUM, **FROM_APP).status == 403

    @pytest.mark.parametrize(
        "headers",
        [{}, {"authorization": "Basic cGN0Xw=="}, {"authorization": "Bearer x"}, {"cookie": "pct_=pct_"}],
    )
    def test_without_one_it_changes_nothing_also_where_nobody_needs_one(
        self, headers: dict[str, str], api: Api
    ) -> None:
        assert api.get("/tasks/", **FROM_APP).status == 200
        refused = api.post("/tasks/", SUM, **FROM_APP, **headers)
        assert "must send a key" in refused.problem(403, "forbidden")["detail"]
        assert told(refused.headers) == TO_A_PAGE

    def test_what_looks_like_a_key_is_looked_at(self, api: Api) -> None:
        for text in (f"{PREFIX}x", new_key().text):
            refused = api.post("/tasks/", SUM, **FROM_APP, authorization=f"bearer {text}")
            refused.problem(401, "key_invalid")
            assert told(refused.headers) == TO_A_PAGE

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/tasks/?colour=red", 400),
            ("GET", "/nothing/", 404),
            ("DELETE", "/operations/", 405),
            ("GET", "/static/nothing.js", 404),
            ("GET", "/openapi.json", 200),
            ("HEAD", "/health/live/", 200),
        ],
    )
    def test_a_page_can_read_every_answer(self, method: str, path: str, status: int) -> None:
        answer = Api(make_key().text).send(method, path, b"", **FROM_APP)
        assert (answer.status, told(answer.headers)) == (status, TO_A_PAGE)

    def test_a_page_can_read_how_often_it_may_ask(self) -> None:
        api = Api(make_key(rate={"limit": 1, "window_seconds": 60}).text)
        api.get("/operations/", **FROM_APP)
        answer = api.get("/operations/", **FROM_APP)
        answer.problem(429, "rate_limited")
        assert told(answer.headers) == TO_A_PAGE

    @pytest.mark.parametrize("path", ["/ui", "/ui/", "/ui/login/", "/ui/api/tasks/"])
    def test_pages_for_people_are_for_their_own_pages_alone(self, path: str, api: Api) -> None:
        key = make_key().text
        assert told(preflight(api, path).headers) == {}
        assert told(api.get(path, **FROM_APP).headers) == {}
        refused = Api(key).post(path, {}, **FROM_APP)
        assert "pages of other sites must not change" in refused.problem(403, "forbidden")["detail"]

    def test_early_refusals_can_be_read(self) -> None:
        found: dict[str, str] = {}
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/tasks/",
            "HTTP_ORIGIN": APP,
            "wsgi.input": BytesIO(),
        }
        before = dict(environ)
        early.respond(DatabaseAway(), environ, lambda _, headers: found.update(headers))
        assert told(found) == TO_A_PAGE
        assert (found["Content-Type"], found["Vary"]) == ("application/problem+json", "origin")
        assert environ == before


@pytest.mark.django_db
class TestOff:
    def test_nothing_of_it_is_there(self, api: Api) -> None:
        assert CORS not in configured.MIDDLEWARE
        assert headers_of({"HTTP_ORIGIN": APP}) == {}
        for answer in (preflight(api, "/tasks/"), api.get("/operations/", origin=APP)):
            assert told(answer.headers) == {}
        assert "origin" not in answer.headers.get("Vary", "").lower()
        assert Api(make_key().text).post("/tasks/", SUM, **FROM_APP).status == 403


class TestWeb:
    """A real server."""

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("origin", [APP, "http://localhost:5173"])
    def test_what_is_refused_before_django_can_be_read(self, page_web: Web, origin: str) -> None:
        head = (
            f"POST /tasks/ HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {origin}\r\nConnection: close\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n"
        )
        answer = page_web.send(head.encode(), b"{}", half_closed=True)
        answer.problem(400, "incomplete_body")
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-expose-headers"] == SHOWN
        assert "access-control-allow-credentials" not in answer.headers

    @pytest.mark.django_db(transaction=True)
    def test_so_can_what_is_answered(self, page_web: Web) -> None:
        answer = page_web.send(
            f"GET /operations/ HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {APP}\r\nConnection: close\r\n\r\n".encode()
        )
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, APP)


def test_a_page_may_send_and_see_each_header_that_the_document_names() -> None:
    sent = {
        parameter["name"].lower()
        for operation in document().operations
        for parameter in operation.parameters
        if parameter["in"] == "header"
    }
    assert sent <= set(cross_origin.SENT_HEADERS)
    assert set(HEADERS) <= set(cross_origin.SHOWN_HEADERS)


def test_a_key_is_recognized_by_its_beginning(rf: Any) -> None:
    assert carries_key(rf.get("/", headers={"X-Api-Key": PREFIX}))
    assert not carries_key(rf.get("/", headers={"X-Api-Key": f"x{PREFIX}"}))


@pytest.mark.parametrize(
    "origin",
    [
        APP,
        f"{APP}:8443",
        "http://localhost:5173",
        "http://127.0.0.1:3000",
        "https://[::1]:8080",
        "http://app.example:443",
    ],
)
def test_an_origin_as_browsers_send_it(origin: str) -> None:
    assert origins([origin]) == [origin]


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "app.example",
        f"{APP}/",
        f"{APP}/page",
        f"{APP}?x",
        f"{APP}#x",
        f"{APP}:443",
        "http://app.example:80",
        "https://App.example",
        "HTTPS://app.example",
        "https://*.app.example",
        "https://.app.example",
        "https://app.example.",
        "https://me@app.example",
        "https://me:secret@app.example",
        "ftp://app.example",
        "https://",
        "https://:8443",
        "https://app.example:port",
        "https://app.example:08443",
        "https://app.example:99999",
        "https://[::1",
        f"{APP} https://b.example",
    ],
)
def test_what_browsers_never_send_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match=r"must be origins such as https://app\.example"):
        origins([APP, origin])


def test_all_sites_together_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must not be \*: any page"):
        origins(["*"])
