"""The reference of events is true of the code: each line of ours has one, and each is in the table."""

import ast
import re
from collections.abc import Iterator

import pytest

from misc.check_docs import PROJECT

PACKAGES = ("access", "config", "files", "log_lines", "operations", "rest", "schedules", "tasks_api")
TOLD = {"info", "warning", "error", "exception", "critical", "log"}


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """The calls that write a line, with their places."""
    for package in PACKAGES:
        for file in sorted((PROJECT / package).rglob("*.py")):
            if "tests" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and _writes(node.func):
                    yield f"{file.relative_to(PROJECT)}:{node.lineno}", node


def _writes(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr in TOLD
        and isinstance(function.value, ast.Name)
        and function.value.id == "logger"
    )


def _names_in_code() -> set[str]:
    code = "".join(
        file.read_text()
        for package in PACKAGES
        for file in (PROJECT / package).rglob("*.py")
        if "tests" not in file.parts
    )
    return set(re.findall(r"\bevent\(\s*\"([a-z_.]+)\"", code))


def _names_in_table() -> list[str]:
    page = (PROJECT / "docs/reference/logs.md").read_text()
    table = page.partition("## Events")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([a-z_.]+)`", row)]


def test_each_event_is_listed_once() -> None:
    assert sorted(_names_in_table()) == sorted(_names_in_code())


@pytest.mark.parametrize(("place", "call"), [pytest.param(*each, id=each[0]) for each in _calls()])
def test_each_line_has_an_event(place: str, call: ast.Call) -> None:
    assert "extra" in {keyword.arg for keyword in call.keywords}, f"{place}: extra=event(...) is missing"


def test_there_are_lines() -> None:
    assert len(list(_calls())) > 40
