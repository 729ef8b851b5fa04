"""Every command that the documentation shows runs as shown, and answers as shown."""

import json
import os
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from misc.console import Step, matches, steps
from misc.markdown import read_page
from testing.concurrency import PATIENCE_SECONDS
from testing.stack import NOT_INHERITED, PROJECT, Stack

PAGES = {
    str(path.relative_to(PROJECT)): read_page(path)
    for folder in ("", "docs/tutorial", "docs/how-to")
    for path in sorted((PROJECT / folder).glob("*.md"))
    if any(steps(read_page(path)))
}
OF_THEIR_OWN = {
    "WORKERS=1 make run",
    "APPS=examples.feedback make run",
    "APPS=examples.shop make run",
    "APPS=examples.invoices LOAD_TARGETS_FILE=examples/invoices/targets.toml "
    """SECRETS='{"database_url": ["load_csv"]}' make run""",
    "COMMANDS_FILE=examples/commands.toml make run",
}
WITH_ONE_WORKER = [
    path for path, page in PAGES.items() if any(code in OF_THEIR_OWN for _, code in page.code())
]


class Reader:
    """Somebody who follows a page, command by command."""

    def __init__(self, stack: Stack) -> None:
        self.ids: dict[str, str] = {}
        self._real = {
            "http://127.0.0.1:8000": stack.url,
            "http://127.0.0.1:5555": stack.flower_url,
            ".punctual/": f"{stack.data_folder}/",
        }

    def follow(self, step: Step) -> None:
        """Types the command. Fails unless it answers what the page shows, at the latest after a while."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not matches(self._translated(step.answer), answer := self._type(step.command), self.ids):
            if not step.only_looks or time.monotonic() > deadline:
                pytest.fail(f"line {step.line}: $ {step.command}\nshows\n{step.answer}\nbut is\n{answer}")
            time.sleep(0.2)

    def _type(self, command: str) -> str:
        command = self._translated(command)
        for shown, real in self.ids.items():
            command = command.replace(shown, real)
        # Not what the tests' own process was given: a reader has a plain shell.
        plain = {
            name: value
            for name, value in os.environ.items()
            if name not in NOT_INHERITED and not name.startswith("PYTEST_")
        }
        environment = {**plain, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
        return subprocess.run(
            ["bash", "-c", command],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        ).stdout

    def _translated(self, text: str) -> str:
        for shown, real in self._real.items():
            text = text.replace(shown, real)
        return text


def follow(path: str, stack: Stack) -> None:
    """Follows a page to its end, and removes the schedules that it made."""
    reader = Reader(stack)
    try:
        for step in steps(PAGES[path]):
            reader.follow(step)
    finally:
        for real in reader.ids.values():
            stack.http.delete(f"/task-schedules/{real}/")


@pytest.mark.acceptance
@pytest.mark.parametrize("path", [path for path in PAGES if path not in WITH_ONE_WORKER])
def test_commands_answer_as_shown(path: str, stack: Stack) -> None:
    follow(path, stack)


@pytest.mark.acceptance
@pytest.mark.xdist_group("one_worker")
@pytest.mark.parametrize("path", WITH_ONE_WORKER)
def test_commands_answer_as_shown_with_one_worker(path: str, one_worker: Stack) -> None:
    follow(path, one_worker)


@pytest.mark.acceptance
def test_every_schedule_that_is_shown_is_accepted(stack: Stack) -> None:
    shown = [
        block
        for path in sorted((PROJECT / "docs").rglob("*.md"))
        for block in read_page(path).blocks
        if block.info == "json schedule"
    ]
    assert shown
    for block in shown:
        response = stack.http.post("/task-schedules/", json=json.loads(block.text))
        assert response.status_code == httpx.codes.CREATED, f"{block.text}\n{response.text}"
        stack.http.delete(response.headers["Location"])


PAGE = """
```console
$ curl \\
> again
{"id": "00000000-0000-7000-8000-000000000001", ...}
$ curl two
```
```json
$ curl three
```
"""


class TestConsoleBlocks:
    def test_a_step_is_a_command_and_its_answer(self, tmp_path: Path) -> None:
        page = tmp_path / "page.md"
        page.write_text(PAGE)
        first, second = steps(read_page(page))
        assert first == Step("curl \\\nagain", '{"id": "00000000-0000-7000-8000-000000000001", ...}', 3)
        assert second == Step("curl two", "", 6)

    def test_a_block_to_be_copied_has_its_answer_behind_it(self, tmp_path: Path) -> None:
        page = tmp_path / "page.md"
        page.write_text("```sh typed\ncurl one\ncurl two\n```\nprose\n```text answer\n1\n2\n```\n")
        assert list(steps(read_page(page))) == [Step("curl one\ncurl two", "1\n2", 2)]

    def test_a_command_that_changes_something_is_not_repeated(self) -> None:
        assert Step("curl /tasks/", "", 1).only_looks
        assert not Step("curl -X DELETE /tasks/", "", 1).only_looks
        assert not Step("curl --json {} /tasks/", "", 1).only_looks

    def test_three_dots_stand_for_anything(self) -> None:
        assert matches('{"a":1,...}', '{"a":1,"b":\n2}', {})
        assert not matches('{"a":1,...}', '{"a":2,"b":2}', {})

    def test_times_may_differ_but_must_be_times(self) -> None:
        assert matches("at 2026-11-20T09:00:00Z", "at 2027-01-01T00:00:00.5Z", {})
        assert not matches("at 2026-11-20T09:00:00Z", "at null", {})

    def test_an_id_keeps_its_meaning(self) -> None:
        shown, real, other = (f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))
        ids: dict[str, str] = {}
        assert matches(f"{shown} and {shown}", f"{real} and {real}", ids)
        assert ids == {shown: real}
        assert not matches(shown, other, ids)
        assert not matches(f"{other} and {other}", f"{real} and {other}", {})
