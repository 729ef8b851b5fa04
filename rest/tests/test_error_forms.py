"""Errors are problems for programs, and pages with the same facts for browsers."""

import pytest

from testing.api import Api

pytestmark = pytest.mark.usefixtures("try_out")

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class TestPages:
    @pytest.mark.parametrize(
        ("method", "path", "status", "facts"),
        [
            ("GET", "/nothing/", 404, ["Not Found", "there is nothing at /nothing/", "not_found"]),
            ("GET", "/refusing/conflict/", 409, ["Conflict", "it runs", "Try again in 7 seconds."]),
            ("GET", "/refusing/input/", 400, ["<code>limit</code> must be at most 500, got 501"]),
            ("GET", "/broken/", 500, ["Internal Server Error", "something went wrong on our side"]),
            ("GET", "/outside/broken/", 500, ["Internal Server Error"]),
            ("PUT", "/echo/", 405, ["Method Not Allowed", "possible are GET, POST, HEAD, OPTIONS"]),
        ],
    )
    def test_browsers_get_one(self, api: Api, method: str, path: str, status: int, facts: list[str]) -> None:
        answer = api.send(method, path, accept=BROWSER)
        assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
        page = answer.content.decode()
        for fact in [*facts, answer.headers["X-Request-ID"], str(status)]:
            assert fact in page
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "swordfish" not in page

    def test_what_came_cannot_become_a_part_of_it(self, api: Api) -> None:
        page = api.get("/<script>alert(1)</script>/<b>", accept=BROWSER).content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script" not in page
        assert "<b>" not in page

    def test_headers_stay(self, api: Api) -> None:
        answer = api.get("/refusing/conflict/", accept=BROWSER)
        assert (answer.headers["Retry-After"], answer.headers["Vary"]) == ("7", "Accept")
        assert api.send("PUT", "/echo/", accept=BROWSER).headers["Allow"] == "GET, POST, HEAD, OPTIONS"

    def test_an_address_that_has_no_page_says_so_in_one(self, api: Api) -> None:
        answer = api.get("/echo/", accept="text/html")
        assert answer.status == 406
        assert "the answer is application/json" in answer.content.decode()

    @pytest.mark.parametrize(
        "accept", ["*/*", "application/json", "text/event-stream", "application/json, text/html"]
    )
    def test_programs_get_a_problem(self, api: Api, accept: str) -> None:
        answer = api.get("/nothing/", accept=accept)
        answer.problem(404, "not_found")
        assert answer.headers["Vary"] == "Accept"


class TestErrorsOfOthers:
    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_a_file_cannot_be_changed(self, api: Api, method: str) -> None:
        answer = api.send(method, "/static/drf-yasg/style.css")
        detail = answer.problem(405, "method_not_allowed")["detail"]
        assert detail == f"{method} is not possible here; possible are GET, HEAD"
        assert answer.headers["Allow"] == "GET, HEAD"

    def test_a_view_of_django_that_refuses_a_method(self, api: Api) -> None:
        problem = api.send("POST", "/outside/reading/").problem(405, "method_not_allowed")
        assert problem["detail"] == "POST is not possible here; possible are GET"

    def test_one_without_a_body(self, api: Api) -> None:
        assert api.get("/outside/teapot/").problem(418, "i'm_a_teapot")["title"] == "I'm a Teapot"

    def test_a_page_of_ones_own_is_left_alone(self, api: Api) -> None:
        answer = api.get("/outside/form/", accept=BROWSER)
        assert (answer.status, answer.content) == (400, b"fill it in")


def test_bodies_end_their_line(api: Api) -> None:
    for path in ("/echo/", "/nothing/", "/refusing/input/", "/broken/"):
        content = api.get(path).content
        assert content.endswith(b"}\n")
        assert content.count(b"\n") == 1
