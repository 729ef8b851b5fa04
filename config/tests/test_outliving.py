"""Nothing outlives `up`, whatever it does to its guards, its session and its environment."""

import json
import os
import sys
from pathlib import Path

import psutil
import pytest

from testing.stack import running_stack

pytestmark = pytest.mark.acceptance
NAME = f"outliving {os.getpid()}"
ESCAPE = """
import os, psutil, sys

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve("/bin/sh", ["sh", "-c", "sleep 600; :", sys.argv[1]], dict())
    os._exit(0)
os.wait()
# The stand-in is nearer: with it the command would end before it has killed the guard.
guards = [one for one in psutil.Process().parents() if "guard.py" in " ".join(one.cmdline())]
guards[-1].kill()
"""


def escaped() -> list[psutil.Process]:
    return [one for one in psutil.process_iter(["cmdline"]) if (one.info["cmdline"] or [])[-1:] == [NAME]]


def test_a_daemon_without_a_guard_and_an_environment_ends_with_the_stack(tmp_path: Path) -> None:
    command = {"description": "Run away.", "argv": [sys.executable, "-c", ESCAPE, NAME]}
    (tmp_path / "commands.json").write_text(json.dumps({"escape": command}))
    with running_stack(tmp_path, FLOWER="0", COMMANDS_FILE=str(tmp_path / "commands.json")) as stack:
        order = {"operation": "run_command", "arguments": {"command": "escape"}}
        task = stack.http.post("/tasks/", json=order).json()
        ended = stack.http.get(f"/tasks/{task['id']}/", params={"wait": 60}, timeout=70).json()
        assert ended["error"]["type"] == "command_killed"
        stack.wait_until(escaped)
        assert stack.stop() == 0
        assert stack.processes() == []
        assert escaped() == []
