"""`manage.py help` needs no settings."""

import os
import subprocess
import sys

import pytest

from testing.stack import PROJECT


@pytest.mark.parametrize("arguments", [["help"], ["--help"], []])
def test_our_commands_are_shown_without_any_setting(arguments: list[str]) -> None:
    shown = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout.split()
    assert {"up", "start", "migrate", "run_task"} <= set(shown)
