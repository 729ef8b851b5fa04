"""Errors have one form, on every path."""

import pytest
from pytest_django import Settings

from rest.problems import FieldError, InvalidInput, pointer
from rest.tests.urls import SECRET
from testing.api import Api


class TestUnknownAddress:
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    def test_it_works(self, api: Api, method: str) -> None:
        problem = api.send(method, "/nothing/here").problem(404, "not_found")
        assert problem["title"] == "Not Found"
        assert problem["detail"] == "there is nothing at /nothing/here; see /swagger/ for what there is"

    @pytest.mark.parametrize(
        "path", ["/%00", "/%ff%ed%a0%80", "/tasks/7/", "/tasks/%0d%0aX-Evil:1/", "/" + "a" * 5_000]
    )
    def test_any_address_can_be_told(self, api: Api, path: str) -> None:
        assert len(api.get(path).problem(404, "not_found")["detail"]) < 300

    def test_it_is_an_answer_without_a_body_to_head(self, api: Api) -> None:
        answer = api.send("HEAD", "/nothing")
        assert (answer.status, answer.content) == (404, b"")


@pytest.mark.usefixtures("try_out")
class TestMethods:
    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "NONSENSE"])
    def test_others_are_refused(self, api: Api, method: str) -> None:
        answer = api.send(method, "/echo/")
        found = answer.problem(405, "method_not_allowed")["detail"]
        assert found == f"{method} is not possible here; possible are GET, POST, HEAD, OPTIONS"
        assert answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"

    def test_options_tells_which_there_are(self, api: Api) -> None:
        answer = api.send("OPTIONS", "/echo/")
        assert (answer.status, answer.headers["Allow"]) == (200, "GET, POST, HEAD, OPTIONS")


@pytest.mark.usefixtures("try_out")
class TestAccept:
    @pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*", "text/html, */*;q=0.1"])
    def test_json_is_acceptable(self, api: Api, accept: str) -> None:
        assert api.get("/echo/", accept=accept).status == 200

    @pytest.mark.parametrize("accept", ["application/xml", "nonsense"])
    def test_nothing_else_is_there(self, api: Api, accept: str) -> None:
        problem = api.get("/echo/", accept=accept).problem(406, "not_acceptable")
        assert problem["detail"] == (
            "the answer is application/json, which the Accept header does not allow: send Accept: application/json, "
            "or no Accept"
        )


@pytest.mark.usefixtures("try_out")
class TestRefusals:
    def test_it_works(self, api: Api) -> None:
        answer = api.get("/refusing/conflict/")
        assert answer.problem(409, "conflict")["detail"] == "it runs"
        assert answer.headers["Retry-After"] == "7"

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/refusing/stale/", 412, "precondition_failed"),
            ("/refusing/denied/", 403, "forbidden"),
            ("/outside/denied/", 403, "forbidden"),
        ],
    )
    def test_others(self, api: Api, path: str, status: int, code: str) -> None:
        api.get(path).problem(status, code)

    def test_bad_input_says_where(self, api: Api) -> None:
        problem = api.get("/refusing/input/").problem(400, "invalid_input")
        assert problem["detail"] == (
            "2 things are wrong with this request: #/tags/0/a~1b~0c must not be empty; limit must be at most 500, "
            "got 501"
        )
        assert problem["errors"] == [
            {"pointer": "#/tags/0/a~1b~0c", "code": "min_length", "detail": "must not be empty"},
            {"parameter": "limit", "code": "max_value", "detail": "must be at most 500, got 501"},
        ]

    def test_a_host_that_is_not_ours(self, api: Api, settings: Settings) -> None:
        settings.ALLOWED_HOSTS = ["testserver"]
        problem = api.get("/echo/", host="evil.example").problem(400, "bad_request")
        assert problem["detail"] == "the Host header is not one of ALLOWED_HOSTS"


@pytest.mark.usefixtures("try_out")
class TestTheUnforeseen:
    @pytest.mark.parametrize("path", ["/broken/", "/outside/broken/"])
    def test_it_is_logged_and_not_told(self, api: Api, path: str, caplog: pytest.LogCaptureFixture) -> None:
        answer = api.get(path)
        answer.problem(500, "internal_error")
        assert b"swordfish" not in answer.content
        assert b"Traceback" not in answer.content
        assert SECRET in caplog.text


@pytest.mark.usefixtures("try_out")
class TestDatabaseAway:
    @pytest.mark.django_db(transaction=True)
    def test_it_works_while_the_database_answers(self, api: Api) -> None:
        assert api.get("/asking/").status == 200
        assert api.get("/outside/asking/").content == b"here"

    def test_it_says_when_to_try_again(self, api: Api, database_away: None) -> None:
        answer = api.get("/asking/")
        answer.problem(503, "database_away")
        assert answer.headers["Retry-After"] == "5"
        assert b"127.0.0.1" not in answer.content

    def test_a_page_that_asks_the_database_says_it_too(self, api: Api, database_away: None) -> None:
        answer = api.get("/outside/asking/")
        answer.problem(503, "database_away")
        assert answer.headers["Retry-After"] == "5"

    def test_the_rest_goes_on(self, api: Api, database_away: None) -> None:
        assert api.get("/echo/").status == 200


class TestPointers:
    @pytest.mark.parametrize(
        ("location", "text"),
        [
            ((), "#"),
            (("priority",), "#/priority"),
            ((3, "tags", 0), "#/3/tags/0"),
            (("a/b", "m~n", ""), "#/a~1b/m~0n/"),
            (("a" * 1_000,), "#/" + "a" * 100),
        ],
    )
    def test_it_is_rfc_6901(self, location: tuple[str | int, ...], text: str) -> None:
        assert pointer(location) == text

    def test_an_error_can_be_seen_from_further_up(self) -> None:
        error = FieldError(("tags", 0), "min_length", "must not be empty").below(7)
        assert error.as_json()["pointer"] == "#/7/tags/0"


class TestWhatIsToldOfOneError:
    @pytest.mark.parametrize(
        ("location", "detail", "expected"),
        [
            (("priority",), "must be at most 9, got 12", "priority must be at most 9, got 12"),
            (("arguments", "headers", "Host"), "is required", "arguments.headers.Host is required"),
            (("arguments", "prices", 0), "must be text, got 5", "arguments.prices[0] must be text, got 5"),
            (("arguments", "a b"), "is not a known field", "#/arguments/a b is not a known field"),
            (("x.y",), "is not a known field", "#/x.y is not a known field"),
            (("",), "is not a known field", "#/ is not a known field"),
            (("a" * 101,), "is required", f"#/{'a' * 100} is required"),
            ((7, "priority"), "is required", "#/7/priority is required"),
            ((), "must be an object, got 7", "the body must be an object, got 7"),
            ((), "the body is not UTF-8", "the body is not UTF-8"),
            ((), "at least one filter is required: tag", "at least one filter is required: tag"),
            (("starts_at",), "starts_at is required by rrule", "starts_at is required by rrule"),
            (("starts_at",), "starts_atoms are none", "starts_at: starts_atoms are none"),
            (("cron",), "hour: expected 0-23, got '25'", "cron: hour: expected 0-23, got '25'"),
        ],
    )
    def test_it_names_the_field(self, location: tuple[str | int, ...], detail: str, expected: str) -> None:
        assert InvalidInput([FieldError(location, "any", detail)]).detail == expected

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("limit", "limit is unknown"),
            ("If-None-Match", "If-None-Match is unknown"),
            ("a b", '"a b" is unknown'),
            ("\x1b" * 200, '"' + "\\u001b" * 100 + '" is unknown'),
        ],
    )
    def test_it_names_the_parameter(self, name: str, expected: str) -> None:
        assert InvalidInput([FieldError((name,), "any", "is unknown", parameter=True)]).detail == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (2, "x0 is required; x1 is required"),
        (3, "x0 is required; x1 is required; x2 is required"),
        (4, "x0 is required; x1 is required; x2 is required; and 1 more"),
        (50, "x0 is required; x1 is required; x2 is required; and 47 more"),
    ],
)
def test_of_several_errors_the_first_are_told(count: int, expected: str) -> None:
    errors = [FieldError((f"x{number}",), "required", "is required") for number in range(count)]
    assert InvalidInput(errors).detail == f"{count} things are wrong with this request: {expected}"
