"""What is refused at the door, before anything is stored."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations import InvalidArguments, catalogue
from operations.http.headers import check_value
from operations.http.requests import Request
from operations.http.target import read_target
from values.validation import shortened

http_request = catalogue.get("http_request")
SCHEMA = jsonschema.Draft202012Validator(http_request.arguments_schema)
OF_MEANING = {"invalid_url", "invalid_header", "invalid_signing_secret"}
"""The schema cannot tell these, and all the others it can."""
URL = "https://example.com/"


def refusal(**arguments: Any) -> tuple[str, str, str]:
    with pytest.raises(InvalidArguments) as refused:
        http_request.validate({"url": URL, **arguments}, lambda _: True)
    [(path, code, detail)] = refused.value.errors
    return ".".join(map(str, path)), code, detail


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"method": "DELETE", "expected_status": [204, "4xx"]},
        {"method": None, "body": None, "signing_secret": None},
        {"body": {"json": None}},
        {"body": {"text": {"$secret": "a"}}},
        {"body": {"json": {"a": {"$secret": "a"}}}, "headers": {"a": {"$secret": "a"}}},
        {"signing_secret": {"$secret": "a"}, "url": {"$secret": "a"}},
        {"headers": {"X-A": "", "x-b": "a\tb c", "Content-Type": "a/b"}},
        {"timeout_seconds": 0.5, "read_as": "nothing", "max_body_bytes": 0, "follow_redirects": 10},
    ],
)
def test_what_is_taken(arguments: dict[str, Any]) -> None:
    given = {"url": URL, **arguments}
    assert http_request.validate(given, lambda _: True) == given


@pytest.mark.parametrize(
    ("arguments", "path", "code"),
    [
        ({"url": "ftp://a/"}, "url", "invalid_url"),
        ({"url": "http://127.1/"}, "url", "invalid_url"),
        ({"url": "http://a:b@c/"}, "url", "invalid_url"),
        ({"url": ""}, "url", "invalid_url"),
        ({"url": "http://a/" + "b" * 4_096}, "url", "max_length"),
        ({"url": 7}, "url", "invalid_type"),
        ({"method": "TRACE"}, "method", "invalid_choice"),
        ({"method": "CONNECT"}, "method", "invalid_choice"),
        ({"method": "get"}, "method", "invalid_choice"),
        ({"headers": {"A": 1}}, "headers.A", "invalid_type"),
        ({"headers": {"A": "b\r\nC: d"}}, "headers.A", "invalid_header"),
        ({"headers": {"A": " b"}}, "headers.A", "invalid_header"),
        ({"headers": {"A": "ü"}}, "headers.A", "invalid_header"),
        ({"headers": {"A": "b" * 8_193}}, "headers.A", "max_length"),
        ({"headers": {f"A{number}": "" for number in range(51)}}, "headers", "max_length"),
        ({"headers": []}, "headers", "invalid_type"),
        ({"body": {}}, "body", "invalid_body"),
        ({"body": {"json": 1, "text": "a"}}, "body", "invalid_body"),
        ({"body": {"text": 1}}, "body.text", "invalid_type"),
        ({"body": {"form": {}}}, "body", "invalid_body"),
        ({"body": {"json": 1, "a": 1}}, "body.a", "unknown_field"),
        ({"body": "text"}, "body", "invalid_body"),
        ({"signing_secret": "short"}, "signing_secret", "min_length"),
        ({"signing_secret": "whsec_%%%"}, "signing_secret", "invalid_signing_secret"),
        ({"expected_status": []}, "expected_status", "min_length"),
        ({"expected_status": [199]}, "expected_status.0", "min_value"),
        ({"expected_status": ["200"]}, "expected_status.0", "invalid_choice"),
        ({"expected_status": ["1xx"]}, "expected_status.0", "invalid_choice"),
        ({"follow_redirects": 11}, "follow_redirects", "max_value"),
        ({"follow_redirects": True}, "follow_redirects", "invalid_type"),
        ({"timeout_seconds": 0}, "timeout_seconds", "min_value"),
        ({"timeout_seconds": 301}, "timeout_seconds", "max_value"),
        ({"read_as": "xml"}, "read_as", "invalid_choice"),
        ({"max_body_bytes": 262_145}, "max_body_bytes", "max_value"),
        ({"response_headers": ["a" * 101]}, "response_headers.0", "max_length"),
        ({"proxy": "http://a/"}, "proxy", "unknown_field"),
        ({"method": {"$secret": "a"}}, "method", "invalid_choice"),
    ],
)
def test_what_is_refused(arguments: dict[str, Any], path: str, code: str) -> None:
    assert refusal(**arguments)[:2] == (path, code)
    assert SCHEMA.is_valid({"url": URL, **arguments}) is (code in OF_MEANING)


@pytest.mark.parametrize(
    "name",
    ["Host", "CONTENT-LENGTH", "Transfer-Encoding", "connection", "Keep-Alive", "Proxy-Authorization", "TE", "Trailer",
     "Upgrade", "Expect", "Accept-Encoding", "Proxy-Connection", "HTTP2-Settings", "webhook-id", "Webhook-Signature",
     "", " ", "a b", "a:", "a\r\nb", "a\x01", "ü", "a" * 101],
)  # fmt: skip
def test_headers_that_are_not_the_callers(name: str) -> None:
    path, code, _ = refusal(headers={name: "x", "X-Other": "y"})
    assert (path, code) == (f"headers.{shortened((name,))[0]}", "invalid_header")


@pytest.mark.parametrize(
    ("body", "kind"), [({"a": 1}, "json"), ([1], "json"), (7, "json"), (False, "json"), ("hello", "text")]
)
def test_a_body_that_says_not_what_it_is_is_told_how(body: Any, kind: str) -> None:
    _, _, detail = refusal(body=body)
    assert detail == f'must be {{"json": ...}} or {{"text": "..."}}; write {{"{kind}": ...}} around this one'


def test_a_header_comes_once() -> None:
    assert refusal(headers={"X-A": "1", "x-a": "2"})[:2] == ("headers", "invalid_header")


def test_a_refused_value_is_not_shown() -> None:
    _, _, detail = refusal(headers={"Authorization": "Bearer s3cr3t\n"})
    assert "s3cr3t" not in detail


@given(st.text(max_size=20))
def test_a_header_that_is_taken_is_one_line(value: str) -> None:
    try:
        check_value(value)
    except ValueError:
        return
    assert (b"x", value.encode("ascii")) in Request("GET", read_target(URL), {"x": value}).wire_headers()
    assert not set(value) & set("\r\n\0")


def test_the_catalogue_tells_all_of_it() -> None:
    properties = http_request.arguments_schema["properties"]
    assert all("description" in schema for schema in properties.values())
    assert (http_request.idempotent, http_request.max_attempts) == (True, 3)
    assert http_request.timeout_seconds > properties["timeout_seconds"]["maximum"]
    json.dumps(http_request.result_schema)
