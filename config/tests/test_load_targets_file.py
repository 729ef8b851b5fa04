"""LOAD_TARGETS_FILE: which databases the operator lets tasks load, and the line that tells what is wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.configuration import configuration_of
from config.environment import Environment
from operations.load import Targets

LEAST = {
    "description": "It.",
    "url": "postgres://me@db.example/it",
    "password": {"$secret": "token"},
    "tables": ["sales.*"],
}


def targets_of(path: Path | None, **settings: Any) -> Targets:
    environment = Environment(DEVELOPMENT=True, LOAD_TARGETS_FILE=str(path or ""), **settings)
    return configuration_of(environment).targets


def written(folder: Path, **targets: Any) -> Path:
    path = folder / "targets.json"
    path.write_text(json.dumps(targets))
    return path


def test_there_are_none_by_default() -> None:
    assert targets_of(None).items() == []


def test_those_of_the_file_are_there(tmp_path: Path) -> None:
    assert targets_of(written(tmp_path, it=LEAST), SECRETS={"token": ["load_csv"]}).get("it")


@pytest.mark.parametrize("secrets", [{}, {"token": ["run_command"]}, {"token": ["query_to_csv"]}])
def test_an_operation_must_be_let_read_the_password(tmp_path: Path, secrets: dict[str, list[str]]) -> None:
    path = written(tmp_path, it=LEAST)
    with pytest.raises(ImproperlyConfigured) as caught:
        targets_of(path, SECRETS=secrets)
    assert str(caught.value) == (
        f'LOAD_TARGETS_FILE: {path}: it: load_csv may not read token: set SECRETS={{"token": ["load_csv"]}}'
    )


def test_each_mistake_has_a_line(tmp_path: Path) -> None:
    path = written(tmp_path, one=LEAST | {"tables": ["x"]}, two=LEAST | {"timeout": 7})
    with pytest.raises(ImproperlyConfigured) as caught:
        targets_of(path)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(f"LOAD_TARGETS_FILE: {path}: one.tables.0: must be a schema and a table")
    assert lines[1] == f"LOAD_TARGETS_FILE: {path}: two.timeout: is not a known field"
