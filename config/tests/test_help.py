"""`manage.py help` needs no settings."""

import pytest

from testing.manage import manage


@pytest.mark.parametrize("arguments", [["help"], ["--help"], []])
def test_our_commands_are_shown_without_any_setting(arguments: list[str]) -> None:
    shown = manage(*arguments, alone=True).stdout.split()
    assert {"up", "start", "migrate", "run_task"} <= set(shown)


@pytest.mark.parametrize("command", [["start", "--help"], ["help", "start"], ["up", "-h"]])
def test_what_a_command_takes_is_shown_without_any_setting(command: list[str]) -> None:
    shown = manage(*command, alone=True).stdout
    assert shown.startswith("usage: manage.py ")
