"""COMMANDS_FILE: what the operator lets tasks run, and the line that tells what is wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.configuration import configuration_of
from config.environment import Environment
from operations.commands import Commands
from testing.manage import manage

LEAST: dict[str, Any] = {"description": "Something.", "argv": ["/bin/true"]}
WITH_SECRET = LEAST | {"environment": {"TOKEN": {"$secret": "token"}}}


def commands_of(path: Path | None, **settings: Any) -> Commands:
    environment = Environment(DEVELOPMENT=True, COMMANDS_FILE=str(path or ""), **settings)
    return configuration_of(environment).commands


def written(folder: Path, **commands: Any) -> Path:
    path = folder / "commands.json"
    path.write_text(json.dumps(commands))
    return path


def test_by_default_there_are_none() -> None:
    assert commands_of(None).items() == []


def test_the_commands_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, it=WITH_SECRET)
    assert commands_of(path, SECRETS={"token": ["run_command"]}).get("it")


@pytest.mark.parametrize("secrets", [{}, {"token": []}, {"token": ["sleep"]}])
def test_a_secret_that_commands_may_not_read(tmp_path: Path, secrets: dict[str, list[str]]) -> None:
    path = written(tmp_path, it=WITH_SECRET)
    with pytest.raises(ImproperlyConfigured) as caught:
        commands_of(path, SECRETS=secrets)
    assert str(caught.value) == (
        f"COMMANDS_FILE: {path}: it.environment: run_command may not read token: "
        'set SECRETS={"token": ["run_command"]}'
    )


@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_wrong_file_stops_the_start_with_a_line_for_each_thing(tmp_path: Path, role: str) -> None:
    path = written(tmp_path, one=LEAST | {"argv": ["true"]}, two=LEAST | {"timeout": 7})
    answer = manage("start", role, settings={"COMMANDS_FILE": str(path)})
    assert answer.returncode == 1
    assert answer.stderr == (
        f"punctual: COMMANDS_FILE: {path}: one: argv must begin with the absolute path of a program\n"
        f"punctual: COMMANDS_FILE: {path}: two.timeout: is not a known field\n"
    )
