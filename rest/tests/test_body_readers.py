"""What a request's body may be."""

import pytest
from pytest_django import Settings

from testing.api import JSON, Api

pytestmark = pytest.mark.usefixtures("try_out")

MEBIBYTE = 1_048_576
ALLOWED = 16 * MEBIBYTE


def test_it_works(api: Api) -> None:
    answer = api.post("/echo/", {"a": ["é", 1]})
    assert (answer.status, answer.json) == (200, {"understood": {"a": ["é", 1]}})


@pytest.mark.parametrize("body", [[], {}, None, 7, "text", False])
def test_any_json_value_reaches_the_view(api: Api, body: object) -> None:
    assert api.post("/echo/", body).json == {"understood": body}


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", "Application/JSON", ""])
def test_no_body_is_an_empty_object(api: Api, content_type: str) -> None:
    assert api.send("POST", "/echo/", b"", content_type).json == {"understood": {}}


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_media_type_may_be_spelt_otherwise(api: Api, content_type: str) -> None:
    assert api.send("POST", "/echo/", b'"a"', content_type).json == {"understood": "a"}


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "nonsense",
    ],
)
def test_other_media_types_are_refused(api: Api, content_type: str) -> None:
    answer = api.send("POST", "/echo/", b"{}", content_type)
    detail = answer.problem(415, "unsupported_media_type")["detail"]
    assert content_type in detail
    assert "send JSON, with the header Content-Type: application/json" in detail
    assert answer.headers["Accept"] == "application/json"


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
def test_compressed_bodies_are_refused(api: Api, coding: str) -> None:
    answer = api.send("POST", "/echo/", b"{}", Content_Encoding=coding)
    assert coding in answer.problem(415, "unsupported_media_type")["detail"]
    assert answer.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("coding", ["", "identity", " Identity "])
def test_those_that_say_that_they_are_not_are_read(api: Api, coding: str) -> None:
    assert api.send("POST", "/echo/", b"7", Content_Encoding=coding).json == {"understood": 7}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "the body is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        (b'"\xff"', "the body is not UTF-8: byte 1 is 0xff"),
        (b'{"a": 1, "a": 2}', 'the body names the key "a" twice in one object'),
        (b"[NaN]", "the body holds NaN, which is not a JSON number"),
        (b"[" * 65 + b"]" * 65, "the body is nested deeper than 64 levels"),
        (b'"\\u0000"', "the body holds the character NUL, which cannot be stored"),
        (b'"\\ud800"', "the body holds half of a surrogate pair, which is not a character"),
        (b"9" * 5_000, "the body holds a number of more than 4300 digits"),
    ],
)
def test_what_is_refused_is_told_at_the_root(api: Api, body: bytes, detail: str) -> None:
    assert api.send("POST", "/echo/", body).errors() == [("#", "invalid_json", detail)]


def test_a_large_body_is_read(api: Api) -> None:
    body = b'"' + b"a" * (ALLOWED - 2) + b'"'
    assert api.send("POST", "/echo/", body).status == 200


def test_a_larger_body_is_refused(api: Api) -> None:
    body = b'"' + b"a" * (ALLOWED - 1) + b'"'
    problem = api.send("POST", "/echo/", body).problem(413, "content_too_large")
    assert problem["detail"] == "the body is larger than 16 MiB"


def test_the_limit_is_the_one_that_is_set(settings: Settings) -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == ALLOWED
