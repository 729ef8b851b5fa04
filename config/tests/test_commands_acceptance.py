"""`run_command` on a real stack, driven over HTTP: what comes of commands, and that nothing is left of them."""

from typing import Any

import psutil
import pytest

from config.tests.allowed import COMMANDS_TOKEN, LONG, commands
from testing.stack import Stack

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("allowing")]


@pytest.fixture
def runner(allowing: Stack) -> Stack:
    """It, under a shorter name."""
    return allowing


def post(stack: Stack, command: str, task: dict[str, Any] | None = None, **arguments: Any) -> dict[str, Any]:
    order = {"command": command, "arguments": arguments}
    answer = stack.http.post("/tasks/", json={"operation": "run_command", "arguments": order, **(task or {})})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(stack: Stack, task: dict[str, Any], wait: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = stack.http.get(f"/tasks/{task['id']}/", params={"wait": wait}, timeout=70).json()
    return found


def says_ready(stack: Stack, task: dict[str, Any]) -> bool:
    return (read(stack, task)["progress"] or {}).get("message") == "ready"


def sleepers() -> list[psutil.Process]:
    return [one for one in psutil.process_iter(["cmdline"]) if LONG in (one.info["cmdline"] or [])]


def test_a_result(runner: Stack) -> None:
    task = read(runner, post(runner, "greet", name="world"), wait=60)
    assert (task["status"], task["result"]["stdout"]) == ("SUCCESS", "Hello world\n")


def test_the_catalogue_shows_the_commands(runner: Stack) -> None:
    schema = runner.http.get("/operations/run_command/").json()["arguments_schema"]
    assert schema["properties"]["command"]["enum"] == sorted(commands(""))
    branches = {branch["title"]: branch for branch in schema["oneOf"]}
    assert branches["greet"]["description"] == "Say hello."
    assert branches["greet"]["properties"]["arguments"]["properties"]["name"]["pattern"] == "^(?:[a-z]+)$"


@pytest.mark.parametrize(
    ("order", "pointer"),
    [
        ({"command": "rm"}, "#/arguments/command"),
        ({"command": "greet"}, "#/arguments/arguments"),
        ({"command": "greet", "arguments": {"name": "a b"}}, "#/arguments/arguments/name"),
        ({"command": "variables", "arguments": {"x": 1}}, "#/arguments/arguments/x"),
    ],
)
def test_wrong_arguments_are_refused_at_the_door(runner: Stack, order: dict[str, Any], pointer: str) -> None:
    answer = runner.http.post("/tasks/", json={"operation": "run_command", "arguments": order})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_nothing_of_the_service_is_in_the_environment(runner: Stack) -> None:
    task = read(runner, post(runner, "variables"), wait=60)
    names = {line.partition("=")[0] for line in task["result"]["stdout"].splitlines()}
    assert names == {"PATH", "LANG"}


def test_a_secret_is_told_nowhere(runner: Stack) -> None:
    task = read(runner, post(runner, "betray"), wait=60)
    assert (task["status"], task["attempt"], task["error"]["type"]) == ("FAILURE", 1, "command_failed")
    assert task["error"]["message"] == "betray ended with exit code 7: it is ***"
    everything = str(runner.psql("SELECT * FROM task")) + str(runner.psql("SELECT * FROM attempt"))
    assert COMMANDS_TOKEN not in everything + runner.logs()


def test_cancel_ends_everything_within_the_grace(runner: Stack) -> None:
    task = post(runner, "stay")
    runner.wait_until(lambda: says_ready(runner, task))
    runner.wait_until(lambda: len(sleepers()) == 2)
    runner.http.post(f"/tasks/{task['id']}/cancel/", json={})
    task = read(runner, task, wait=60)
    assert (task["status"], sleepers()) == ("REVOKED", [])


def test_the_time_limit_ends_everything(runner: Stack) -> None:
    task = read(runner, post(runner, "stay", {"timeout_seconds": 1.5}), wait=60)
    assert (task["status"], task["error"]["type"], sleepers()) == ("FAILURE", "timeout", [])


def test_what_may_be_repeated_is_when_its_worker_is_killed(
    runner: Stack,
) -> None:
    task = post(runner, "repeat")
    assert task["max_attempts"] == 3
    runner.wait_until(lambda: says_ready(runner, task))
    (child,) = psutil.Process(runner.pid("worker")).children()
    child.kill()
    task = read(runner, task, wait=60)
    assert (task["status"], task["attempt"]) == ("SUCCESS", 2)
    runner.wait_until(lambda: sleepers() == [])


def test_nothing_is_left_when_the_worker_is_killed(runner: Stack) -> None:
    task = post(runner, "stay")
    runner.wait_until(lambda: says_ready(runner, task))
    former = runner.kill("worker")
    runner.wait_until(lambda: sleepers() == [])
    runner.wait_until(lambda: runner.restarted("worker", former), 60)
    task = read(runner, task, wait=60)
    assert (task["status"], task["error"]["type"]) == ("FAILURE", "lost")
