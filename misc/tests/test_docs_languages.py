"""The calls that the documentation shows in Python and JavaScript do what it says, against a real service."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from misc.markdown import read_page
from testing.concurrency import PATIENCE_SECONDS
from testing.stack import PROJECT, Stack

PAGE = read_page(PROJECT / "docs/how-to/call-it-from-your-language.md")
SAID = {"python": re.compile(r"  # (.+)$", re.MULTILINE), "js": re.compile(r"; // (.+)$", re.MULTILINE)}
"""Behind what prints stands what it prints."""


def blocks(language: str) -> list[str]:
    return [block.text for block in PAGE.blocks if block.info == language]


def expected(language: str) -> list[str]:
    """The lines that the page says are printed, in their order."""
    said = SAID[language].findall("\n".join(blocks(language)))
    return [line for text in said for line in text.split(", ")]


def run(interpreter: str, language: str, file: Path, stack: Stack) -> list[str]:
    """Run all that the page shows in a language, from top to bottom, as one program. Returns what it printed."""
    file.write_text("\n".join(blocks(language)).replace("http://127.0.0.1:8000", stack.url))
    ran = subprocess.run(
        [interpreter, file],
        env={**os.environ, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_each_call_is_shown_in_each_language() -> None:
    calls = [line for _, line in PAGE.prose if re.match(r"## \d+\. ", line)]
    assert len(calls) == 10
    assert len(blocks("console")) == 10
    for language in SAID:
        assert len(blocks(language)) == 1 + 10  # what comes first, and once
        assert len(expected(language)) == 10 + 1  # to pause and resume are two


@pytest.mark.acceptance
def test_python(stack: Stack, tmp_path: Path) -> None:
    assert run(sys.executable, "python", tmp_path / "calls.py", stack) == expected("python")


@pytest.mark.acceptance
def test_javascript(stack: Stack, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None and not os.environ.get("CI"):
        pytest.skip("the calls in JavaScript were NOT tested: Node is not installed")
    assert node, "Node is not installed, and where CI is set nothing may go untested for want of it"
    assert run(node, "js", tmp_path / "calls.mjs", stack) == expected("js")
