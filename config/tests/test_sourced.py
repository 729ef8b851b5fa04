"""A shell that has read `stack.env`, and what is started from it later."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from config.stack.sourced import VARIABLE, forget, signed
from testing.stack import NOT_INHERITED, PROJECT, Stack, running_stack

SETTINGS = {"DATABASE_URL": "postgres://punctual:a b@127.0.0.1:1/punctual", "SECRET_KEY": "k" * 40}


def test_what_it_set_is_forgotten() -> None:
    environment = {"HOME": "/root", **signed(SETTINGS)}
    assert forget(environment) == ["DATABASE_URL", "SECRET_KEY"]
    assert environment == {"HOME": "/root"}


def test_what_is_set_anew_stays() -> None:
    environment = {**signed(SETTINGS), "DATABASE_URL": "postgres://mine"}
    assert forget(environment) == ["SECRET_KEY"]
    assert environment == {"DATABASE_URL": "postgres://mine"}


@pytest.mark.parametrize("variable", ["", "DATABASE_URL", "DATABASE_URL:", ":", "A:b:c  :"])
def test_a_variable_that_says_nothing_does_nothing(variable: str) -> None:
    environment = {**SETTINGS, VARIABLE: variable}
    assert forget(environment) == []
    assert environment == SETTINGS


def test_without_it_nothing_is_forgotten() -> None:
    environment = dict(SETTINGS)
    assert forget(environment) == []
    assert environment == SETTINGS


@pytest.mark.acceptance
def test_a_shell_that_has_read_it_starts_another_stack(stack: Stack, tmp_path: Path) -> None:
    reading = f"set -a; . {shlex.quote(str(stack.data_folder / 'stack.env'))}; env -0"
    clean = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    said = subprocess.check_output(["sh", "-eu", "-c", reading], env=clean, text=True)
    poisoned = dict(each.partition("=")[::2] for each in said.split("\0") if "=" in each)
    assert poisoned["DATABASE_URL"] == stack.env["DATABASE_URL"]
    given = {name: value for name, value in poisoned.items() if clean.get(name) != value}

    with running_stack(tmp_path, **{**given, "FLOWER": "0"}) as other:
        assert re.search("come from a stack.env, and are left out: .*DATABASE_URL, ", other.logs())
        assert other.env["DATABASE_URL"] != stack.env["DATABASE_URL"]
        assert other.env["SECRET_KEY"] != stack.env["SECRET_KEY"]


@pytest.mark.acceptance
def test_commands_about_the_stack_use_it(stack: Stack) -> None:
    code = "from django.conf import settings; print(settings.DATABASES['default']['PORT'])"
    reading = f"set -a; . {shlex.quote(str(stack.data_folder / 'stack.env'))}; {sys.executable} manage.py shell -v 0 -c"
    said = subprocess.check_output(
        ["sh", "-eu", "-c", f"{reading} {shlex.quote(code)}"], cwd=PROJECT, text=True
    )
    assert f":{said.strip()}/" in stack.env["DATABASE_URL"]
