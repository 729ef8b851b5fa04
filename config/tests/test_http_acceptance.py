"""`http_request` on a real stack, driven over HTTP, against servers good and bad."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import trustme

from config.tests.allowed import ACCESS_TOKEN, SIGNING_SECRET
from operations.http.tests.test_signature import signature_of
from testing.peers import answer, certified, dripping, endless, in_turn, running_peer, silent
from testing.stack import Stack

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("allowing")]


@pytest.fixture
def caller(allowing: Stack) -> Stack:
    """It, under a shorter name."""
    return allowing


def post(stack: Stack, url: str, *, task: dict[str, Any] | None = None, **arguments: Any) -> dict[str, Any]:
    body = {"operation": "http_request", "arguments": {"url": url, **arguments}, **(task or {})}
    created = stack.http.post("/tasks/", json=body)
    assert created.status_code == 202, created.text
    found: dict[str, Any] = created.json()
    return found


def final(stack: Stack, task: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = stack.http.get(f"/tasks/{task['id']}/", params={"wait": 60}, timeout=70).json()
    return found


def test_a_signed_webhook_is_sent_until_it_is_taken(caller: Stack) -> None:
    busy = answer(b"later", "Retry-After: 1", status="503 Service Unavailable")
    taken = answer(json.dumps({"taken": ACCESS_TOKEN}).encode(), kind="application/json")
    with running_peer(in_turn(busy, taken)) as peer:
        task = final(
            caller,
            post(
                caller,
                peer.url("/hook"),
                body={"json": {"order": 17}},
                headers={"Authorization": {"$secret": "access_token"}},
                signing_secret={"$secret": "hook"},
            ),
        )
    assert (task["status"], task["attempt"], task["result"]["body"]) == ("SUCCESS", 2, {"taken": "***"})
    assert {request.headers["idempotency-key"] for request in peer.requests} == {task["id"]}
    for request in peer.requests:
        assert request.headers["authorization"] == ACCESS_TOKEN
        assert request.headers["webhook-signature"] == signature_of(request, SIGNING_SECRET.encode())
    [first] = caller.http.get(f"/tasks/{task['id']}/attempts/").json()["results"][:1]
    assert first["error"]["type"] == "unexpected_status"
    waited = datetime.fromisoformat(task["started_at"]) - datetime.fromisoformat(first["finished_at"])
    assert waited >= timedelta(seconds=1)
    assert SIGNING_SECRET not in caller.logs()
    assert ACCESS_TOKEN not in caller.logs()


def test_a_secret_that_a_failure_echoes_is_found_nowhere(caller: Stack) -> None:
    with running_peer(answer(f"no {ACCESS_TOKEN} here".encode(), status="403 Forbidden")) as peer:
        task = final(caller, post(caller, peer.url(), headers={"Authorization": {"$secret": "access_token"}}))
    assert (task["status"], task["error"]["type"]) == ("FAILURE", "unexpected_status")
    assert "no *** here" in task["error"]["message"]
    rows = caller.psql("SELECT task::text FROM task UNION ALL SELECT attempt::text FROM attempt")
    assert not [row for (row,) in rows if ACCESS_TOKEN in row or ACCESS_TOKEN.partition(" ")[2] in row]
    assert ACCESS_TOKEN not in caller.logs()


def test_an_operators_certificate_is_trusted(caller: Stack, own_authority: trustme.CA) -> None:
    with running_peer(answer(b"safe"), tls=certified(own_authority, "127.0.0.1")) as peer:
        assert final(caller, post(caller, peer.url()))["result"]["body"] == "safe"
    with running_peer(answer(b"safe"), tls=certified(trustme.CA(), "127.0.0.1")) as peer:
        task = final(caller, post(caller, peer.url()))
    assert (task["status"], task["error"]["type"], task["attempt"]) == ("FAILURE", "untrusted_certificate", 1)


def test_what_is_not_allowed_is_never_asked(caller: Stack) -> None:
    with (
        running_peer(answer(), host="127.0.0.2") as inner,
        running_peer(answer(b"", f"Location: {inner.url()}", status="302 Found")) as outer,
    ):
        tasks = [post(caller, inner.url()), post(caller, outer.url(), follow_redirects=5)]
        for task in [final(caller, task) for task in tasks]:
            assert (task["status"], task["error"]["type"], task["attempt"]) == (
                "FAILURE",
                "refused_target",
                1,
            )
            assert task["error"]["permanent"]
    assert inner.connections == 0


def test_a_hostile_answer_ends_within_its_limits(caller: Stack) -> None:
    with running_peer(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1_000)) as flood:
        result = final(caller, post(caller, flood.url()))["result"]
        assert (len(result["body"]), result["truncated"]) == (65_536, True)
    with running_peer(dripping(b"HTTP/1.1 200 OK\r\nX: ", b"y")) as slow:
        task = final(caller, post(caller, slow.url(), timeout_seconds=0.5, task={"max_attempts": 1}))
    assert (task["status"], task["error"]["type"]) == ("FAILURE", "request_timeout")


def test_the_tasks_own_time_limit_ends_it(caller: Stack) -> None:
    with running_peer(silent) as peer:
        task = final(caller, post(caller, peer.url(), task={"timeout_seconds": 1.5, "max_attempts": 1}))
    assert (task["status"], task["error"]["type"]) == ("FAILURE", "timeout")


def test_cancelling_ends_it(caller: Stack) -> None:
    with running_peer(silent) as peer:
        task = post(caller, peer.url(), timeout_seconds=300)
        caller.wait_until(lambda: peer.requests)
        assert caller.http.post(f"/tasks/{task['id']}/cancel/").status_code == 200
        assert final(caller, task)["status"] == "REVOKED"


@pytest.mark.parametrize(
    ("arguments", "pointer", "code"),
    [
        ({"url": "http://127.1/"}, "#/arguments/url", "invalid_url"),
        ({"headers": {"Host": "a"}}, "#/arguments/headers/Host", "invalid_header"),
        ({"body": {"json": 1, "text": "a"}}, "#/arguments/body", "invalid_body"),
        ({"signing_secret": {"$secret": "other"}}, "#/arguments/signing_secret", "secret_not_allowed"),
        ({"timeout_seconds": 1_000}, "#/arguments/timeout_seconds", "max_value"),
    ],
)
def test_wrong_arguments_are_refused_at_the_door(
    caller: Stack, arguments: dict[str, Any], pointer: str, code: str
) -> None:
    body = {"operation": "http_request", "arguments": {"url": "http://127.0.0.1/", **arguments}}
    refused = caller.http.post("/tasks/", json=body)
    assert refused.status_code == 400
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]
