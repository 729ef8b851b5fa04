"""A short form of `python -m misc.contract.hostile`, and that it would find something."""

import socket
import threading
from pathlib import Path

import pytest

from misc.contract.hostile import Attacker, Call, attack, calls_of
from testing.openapi31 import document31
from testing.stack import running_stack

CALL = Call("POST", "/tasks/{task_id}/", bodies=({"operation": "4+7"},), query=("status",))


@pytest.mark.acceptance
def test_whatever_comes_is_answered(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        found = attack(stack, 2_000, seed=1)
    assert found.failures == []
    assert found.statuses.total() == 2_000
    assert {200, 202, 400, 401, 403, 404, 405} <= found.statuses.keys()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", "500: "),
        (b"", "RemoteDisconnected"),
        (b"nonsense\r\n\r\n", "BadStatusLine"),
    ],
)
def test_a_failure_is_found(answer: bytes, failure: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_answer_once, args=(server, answer), daemon=True).start()
        found = Attacker(server.getsockname(), [CALL], ["pct_none"], {}, seed=1).attack(1)
    [only] = found.failures
    assert only.startswith(failure)


@pytest.mark.parametrize(
    ("answer", "statuses"), [(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", [401]), (b"", [])]
)
def test_an_answer_before_the_end_of_a_request_is_one(
    answer: bytes, statuses: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(answer)
    monkeypatch.setattr(socket, "create_connection", lambda *_: ours)
    found = Attacker(("127.0.0.1", 0), [CALL], ["pct_none"], {}, seed=1).attack(1)
    assert list(found.statuses) == statuses
    assert len(found.failures) == 1 - len(statuses)


def _answer_once(server: socket.socket, answer: bytes) -> None:
    caller, _ = server.accept()
    with caller:
        caller.recv(1_000_000)
        caller.sendall(answer)
        caller.shutdown(socket.SHUT_WR)
        while caller.recv(1_000_000):
            pass


def test_every_call_of_the_document_is_attacked() -> None:
    document = document31()
    calls = calls_of(document.content)
    assert {(call.method.lower(), call.path) for call in calls} == document.operations.keys()
    bodies = [call for call in calls if call.bodies]
    assert {"/tasks/", "/keys/", "/task-schedules/"} <= {call.path for call in bodies}
