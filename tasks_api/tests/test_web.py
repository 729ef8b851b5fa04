"""What only the real web server shows."""

import pytest
from django.db import connection

from testing.away import break_other_connections
from testing.broker import Lists
from testing.concurrency import eventually
from testing.web import Web

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_works(web: Web, broker: Lists) -> None:
    answer = web.post("/tasks/", b'{"operation": "4+7"}')
    assert answer.status == 202
    assert answer.headers["Location"] == f"http://127.0.0.1:{web.port}/tasks/{answer.json['id']}/"
    eventually(lambda: [message.task_id for message in broker.sent()] == [answer.json["id"]])


def test_a_path_without_its_slash_keeps_its_body(web: Web) -> None:
    assert web.post("/tasks", b'{"operation": "4+7"}').status == 202


def test_killed_connections_are_not_noticed(web: Web) -> None:
    assert web.get("/tasks/").status == 200
    assert break_other_connections()
    connection.close()
    assert web.get("/tasks/").status == 200


def test_errors_are_problems(web: Web) -> None:
    web.get("/nothing").problem(404, "not_found")
    web.post("/tasks/", b"{").problem(400, "invalid_input")
    web.post("/health/live/", b"{}").problem(405, "method_not_allowed")


def test_a_body_that_is_said_to_be_too_long_is_not_waited_for(web: Web) -> None:
    head = f"POST /tasks/ HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\nContent-Type: application/json\r\n"
    answer = web.send(head.encode() + b"Content-Length: 16777217\r\nConnection: close\r\n\r\n")
    answer.problem(413, "content_too_large")


@pytest.mark.parametrize("encoding", [b"%ff", b"%ed%a0%80", b"%00"])
def test_any_address_gets_an_answer(web: Web, encoding: bytes) -> None:
    assert web.get(f"/{encoding.decode()}").status in (400, 404)
    assert web.get(f"/tasks/?operation={encoding.decode()}").status in (200, 400)
