"""OPERATIONS: modules with operations of one's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from testing.stack import PROJECT

MODULE = '''
from operations import operation


@operation(idempotent=True, timeout_seconds=5)
def shout(word: str) -> str:
    """Say it loud."""
    return word.upper()
'''
ASK = "from operations import catalogue; print(catalogue.get('shout').summary)"


def manage(folder: Path, modules: str, *command: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "DEVELOPMENT": "1", "OPERATIONS": modules, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_operations_of_ones_own_are_in_the_catalogue(tmp_path: Path) -> None:
    (tmp_path / "my_operations.py").write_text(MODULE)
    answer = manage(tmp_path, "my_operations", "shell", "-v0", "-c", ASK)
    assert (answer.stdout.strip(), answer.returncode) == ("Say it loud.", 0), answer.stderr


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "ModuleNotFoundError: No module named 'my_operations'"),
        ("import nothing_of_the_kind", "ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
        (MODULE.replace("shout", "sleep"), "ValueError: there are two operations called sleep"),
        ("raise ValueError('one line\\nand another')", "ValueError: one line and another"),
    ],
)
def test_a_module_that_cannot_be_loaded_stops_the_start_with_one_line(
    tmp_path: Path, text: str | None, reason: str
) -> None:
    if text is not None:
        (tmp_path / "my_operations.py").write_text(text)
    answer = manage(tmp_path, "my_operations", "start", "worker")
    assert answer.returncode == 1
    assert answer.stderr == f"punctual: OPERATIONS: cannot load the operations of my_operations: {reason}\n"
