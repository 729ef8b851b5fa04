"""A secret that an operation lets out in every way is found nowhere: a real stack, all that it stores and says."""

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.tests.allowed import IN_A_FILE, IN_THE_ENVIRONMENT
from testing.stack import Stack

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("allowing")]

WAYS = ["return", "raise", "fail", "hang", "log", "print", "exit", "interrupt"]
VALUES = (IN_A_FILE, IN_THE_ENVIRONMENT)
# What no way of writing either value does without.
CLUES = ["quagga", "xtery", "b4dor", "three", *(value.encode().hex()[4:16] for value in VALUES)]


@pytest.fixture(scope="session")
def stack_with_secrets(allowing: Stack) -> Stack:
    """It, under another name."""
    return allowing


def post(stack: Stack, how: str, secret: str, **body: Any) -> httpx.Response:
    arguments = {"how": how, "token": {"$secret": secret}}
    return stack.http.post("/tasks/", json={"operation": "testing.leak", "arguments": arguments, **body})


def ended(stack: Stack, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    task: dict[str, Any] = stack.http.get(answer.headers["Location"], params={"wait": 60}, timeout=70).json()
    assert task["status"] in ("SUCCESS", "FAILURE"), task
    return task


@pytest.fixture(scope="session")
def tasks(stack_with_secrets: Stack) -> dict[tuple[str, str], dict[str, Any]]:
    """One task for each secret and each way to let it out, all of them over."""
    stack = stack_with_secrets
    stack.wait_until(stack.flower_listens)
    answers = {
        (how, secret): post(stack, how, secret, timeout_seconds=1 if how == "hang" else 30)
        for how in WAYS
        for secret in ("crm_token", "other")
    }
    return {key: ended(stack, answer) for key, answer in answers.items()}


def clues_in(text: str) -> list[str]:
    return [clue for clue in CLUES if clue in text]


Tasks = dict[tuple[str, str], dict[str, Any]]


def test_the_operation_received_it_and_its_answer_is_masked(tasks: Tasks) -> None:
    for secret in ("crm_token", "other"):
        task = tasks["return", secret]
        assert task["arguments"] == {"how": "return", "token": {"$secret": secret}}
        assert task["result"] == {
            "it": ["***"],
            "***": "*** and more",
            "in base64": task["result"]["in base64"],
        }
        assert task["result"]["in base64"].startswith("***")


def test_errors_are_masked(tasks: Tasks) -> None:
    for secret in ("crm_token", "other"):
        raised, failed, left, interrupted, hung = (
            tasks[how, secret]["error"] for how in ("raise", "fail", "exit", "interrupt", "hang")
        )
        assert raised["message"].startswith("ValueError: ('a local variable that holds ***'")
        assert (failed["type"], failed["message"]) == ("about_***", "x" * 1_990 + '"***"')
        assert left["message"] == "SystemExit: away with ***"
        assert interrupted["type"] == "NoException"
        assert interrupted["message"].endswith("NoException: no exception holds ***")
        assert hung["type"] == "timeout"
        assert tasks["hang", secret]["progress"]["message"] == "y" * 490 + "***"


def test_it_is_not_in_the_database(stack_with_secrets: Stack, tasks: Tasks) -> None:
    tables = stack_with_secrets.psql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    dump = "".join(
        str(stack_with_secrets.psql(f'SELECT "{table}"::text FROM "{table}"'))  # noqa: S608 (its own name)
        for (table,) in tables
    )
    assert dump.count("testing.leak") >= len(tasks)
    assert dump.count("***") > len(tasks)
    assert clues_in(dump) == []


def test_it_is_in_no_file_of_the_stack(stack_with_secrets: Stack, tasks: Tasks) -> None:
    """Not even in the database's files as they are, its write-ahead log included."""
    stack_with_secrets.psql("CHECKPOINT")
    files = [path for path in stack_with_secrets.data_folder.rglob("*") if path.is_file()]
    found = [path for path in files for value in VALUES if value.encode() in _content(path)]
    assert any(b"testing.leak" in _content(path) for path in files)
    assert found == []


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # a file of a running database may go away
        return b""


def test_it_is_in_no_answer(stack_with_secrets: Stack, tasks: Tasks) -> None:
    paths = ["/tasks/?limit=500", "/operations/", "/operations/testing.leak/", "/task-schedules/"]
    for task in tasks.values():
        paths += [f"/tasks/{task['id']}/{part}" for part in ("", "attempts/", "events/")]
    said = "".join(stack_with_secrets.http.get(path).text for path in paths)
    assert said.count("***") > len(tasks)
    assert clues_in(said) == []


def test_it_is_not_in_the_logs(stack_with_secrets: Stack, tasks: Tasks) -> None:
    logs = stack_with_secrets.logs()
    for line in (
        "the token is ***",
        "Bearer ***",
        "on standard output: ***",
        "a local variable that holds ***",
    ):
        assert line in logs
    assert clues_in(logs) == []


def test_it_is_not_in_flower(stack_with_secrets: Stack, tasks: Tasks) -> None:
    with httpx.Client(base_url=stack_with_secrets.flower_url, trust_env=False, timeout=30) as flower:
        stack_with_secrets.wait_until(lambda: flower.get("/api/tasks").text.count("about_***") >= 2)
        shown = flower.get("/api/tasks").text + flower.get("/tasks").text
        for task in tasks.values():
            shown += flower.get(f"/api/task/info/{task['id']}").text + flower.get(f"/task/{task['id']}").text
    assert "OperationFailed('ValueError')" in shown
    assert "OperationFailed('NoException')" in shown
    assert [
        text for text in ("local variable", "away with", "no exception holds", "a note on") if text in shown
    ] == []
    assert clues_in(shown) == []


def test_a_worker_warns_of_those_without_a_value(stack_with_secrets: Stack) -> None:
    logs = stack_with_secrets.logs()
    assert logs.count("the secret lost has no value on this worker") >= 1
    assert "the secret crm_token" not in logs


def test_one_without_a_value_fails_for_good(stack_with_secrets: Stack) -> None:
    task = ended(stack_with_secrets, post(stack_with_secrets, "return", "lost"))
    folder = stack_with_secrets.data_folder.parent / "secrets"
    assert task["attempt"] == 1
    assert task["error"] == {
        "type": "secret_missing",
        "permanent": True,
        "message": "the secret lost has no value on this worker: there is neither the file "
        f"{folder}/lost nor the variable SECRET_LOST",
    }


@pytest.mark.parametrize("name", ["nobodys", "unheard_of"])
def test_one_that_may_not_be_read_is_refused_at_the_door(stack_with_secrets: Stack, name: str) -> None:
    answer = post(stack_with_secrets, "return", name)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("#/arguments/token", "secret_not_allowed")


def test_a_new_value_counts_from_the_next_run_on(stack_with_secrets: Stack, tasks: Tasks) -> None:
    path = stack_with_secrets.data_folder.parent / "secrets/crm_token"
    path.write_text("a whole new value")
    try:
        coded = base64.b64encode(b"a whole new value").decode()
        task = ended(stack_with_secrets, post(stack_with_secrets, "return", "crm_token"))
    finally:
        path.write_text(IN_A_FILE)
    assert task["result"]["it"] == ["***"]
    assert coded[4:-4] not in json.dumps(task)
