"""`manage.py help` needs no settings."""

import os
import subprocess
import sys

import pytest

from testing.concurrency import PATIENCE_SECONDS
from testing.stack import PROJECT


@pytest.mark.parametrize("arguments", [["help"], ["--help"], []])
def test_our_commands_are_shown_without_any_setting(arguments: list[str]) -> None:
    shown = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    ).stdout.split()
    assert {"up", "start", "migrate", "run_task"} <= set(shown)


@pytest.mark.parametrize("command", [["start", "--help"], ["help", "start"], ["up", "-h"]])
def test_what_a_command_takes_is_shown_without_any_setting(command: list[str]) -> None:
    shown = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    assert shown.startswith("usage: manage.py ")
