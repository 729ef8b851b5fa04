"""What is complete goes to the server in one piece."""

import gc
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from rest_framework.request import Request

from rest.whole_answers import WholeAnswers
from testing.web import Web


def handed_on(answer: Any) -> Iterable[bytes]:
    def application(_: WSGIEnvironment, start_response: StartResponse) -> Any:
        start_response("200 OK", [])
        return answer

    return WholeAnswers(application)({}, lambda *_: lambda _: None)


# Django looks after its connections when an answer is closed.
@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"abc"])
def test_it_is_a_list(content: bytes) -> None:
    answer = HttpResponse(content)
    assert handed_on(answer) == [content]
    assert answer.closed


@pytest.mark.parametrize("answer", [StreamingHttpResponse([b"a"]), FileResponse([b"a"]), [b"a", b"b"]])
def test_what_is_made_while_it_is_sent_is_left_alone(answer: Any) -> None:
    assert handed_on(answer) is answer


@pytest.mark.django_db
def test_its_request_goes_at_once() -> None:
    asked = RequestFactory().get("/operations/add/").environ
    gc.collect()
    gc.disable()
    try:
        assert WholeAnswers(WSGIHandler())(asked, lambda *_: lambda _: None)
        assert [each for each in gc.get_objects() if type(each) is Request] == []
    finally:
        gc.enable()


@pytest.mark.django_db(transaction=True)
def test_the_server_says_how_long_it_is(web: Web) -> None:
    answer = web.get("/operations/add/")
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert "Transfer-Encoding" not in answer.headers


@pytest.mark.django_db(transaction=True)
def test_of_a_head_only_the_length_is_sent(web: Web) -> None:
    head = f"HEAD /operations/add/ HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nConnection: close\r\n\r\n"
    answer = web.send(head.encode())
    assert (answer.status, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(web.get("/operations/add/").content))
