"""APPS: Django apps of one's own, and the operations in them."""

import subprocess
from pathlib import Path

import pytest

from testing.manage import manage

MODULE = '''
from operations import operation


@operation(idempotent=True, timeout_seconds=5)
def shout(word: str) -> str:
    """Say it loud."""
    return word.upper()
'''
CONFIG = """
from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "my_shop"
"""
ASK = "from operations import catalogue; print(catalogue.get('shout').summary)"


def run(folder: Path, apps: str, *command: str) -> "subprocess.CompletedProcess[str]":
    settings = {"DEVELOPMENT": "1", "APPS": apps, "PYTHONPATH": str(folder)}
    return manage(*command, settings=settings)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "my_shop"
    folder.mkdir()
    (folder / "__init__.py").touch()
    return folder


@pytest.mark.parametrize("name", ["my_shop", "my_shop.apps.ShopConfig"])
def test_operations_of_an_app_are_in_the_catalogue(app: Path, name: str) -> None:
    (app / "operations.py").write_text(MODULE)
    (app / "apps.py").write_text(CONFIG)
    answer = run(app.parent, name, "shell", "-v0", "-c", ASK)
    assert (answer.stdout.strip(), answer.returncode) == ("Say it loud.", 0), answer.stderr


def test_a_folder_with_one_file_is_an_app(tmp_path: Path) -> None:
    (tmp_path / "my_shop").mkdir()
    (tmp_path / "my_shop/operations.py").write_text(MODULE)
    assert run(tmp_path, " my_shop ,", "shell", "-v0", "-c", ASK).stdout.strip() == "Say it loud."


def test_an_app_may_have_no_operations(app: Path) -> None:
    assert run(app.parent, "my_shop", "check").returncode == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "import os\nimport nothing_of_the_kind",
            ", line 2: ModuleNotFoundError: No module named 'nothing_of_the_kind'; name the package that has it in "
            "apps/requirements.txt",
        ),
        (MODULE.replace("shout", "sleep"), ", line 5: ValueError: there are two operations called sleep"),
        ("raise ValueError('one line\\nand another')", ", line 1: ValueError: one line and another"),
        (MODULE.replace("word: str", "word"), ", line 5: TypeError: shout must annotate its parameter word"),
        (
            MODULE.replace("(idempotent=True, timeout_seconds=5)", ""),
            ", line 5: TypeError: Catalogue.operation() missing 2 required keyword-only arguments: 'idempotent' and "
            "'timeout_seconds'",
        ),
        (
            MODULE.replace("word: str", "word: print"),
            ", line 5: TypeError: shout has a type that JSON cannot have: Unable to generate pydantic-core schema for "
            "<built-in function print>",
        ),
        ("def shout(", ": SyntaxError: '(' was never closed (operations.py, line 1)"),
    ],
)
def test_operations_that_cannot_be_loaded_stop_the_start_with_one_line(
    app: Path, text: str, reason: str
) -> None:
    (app / "operations.py").write_text(text)
    answer = run(app.parent, "my_shop", "start", "worker")
    assert answer.returncode == 1
    assert answer.stderr == f"punctual: APPS: cannot load the operations of my_shop.operations{reason}\n"


@pytest.mark.parametrize("name", ["no_shop", "no_shop.apps.ShopConfig", "..", "my_shop.no_apps.ShopConfig"])
def test_an_app_that_is_not_there_stops_the_start_with_one_line(app: Path, name: str) -> None:
    answer = run(app.parent, name, "start", "worker")
    assert answer.returncode == 1
    expected = (
        f"APPS: there is no Python package {name} in the folder apps, nor elsewhere where Python looks for it"
    )
    assert answer.stderr == f"punctual: {expected}\n"
