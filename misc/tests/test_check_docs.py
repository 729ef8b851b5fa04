"""`misc/check_docs.py` finds what it says that it finds."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from misc import (
    check_docs,
    configuration_reference,
    operations_reference,
    placeholders_reference,
    states_picture,
)
from schedules.template.placeholders import DIRECTIVES
from tasks_api.lifecycle import Status, Transition
from testing.stack import PROJECT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with code, and a page that is true of it."""
    (tmp_path / "Makefile").write_text("run: .venv\n\ttrue\n")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "settings.py").write_text("GRACE_SECONDS = 5\nPORT = 1\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("# The page\n")
    (tmp_path / "README.md").write_text(
        "[page](docs/page.md#the-page) `code/settings.py` `GRACE_SECONDS` `application/json`\n"
        '```sh\nPORT=2 make run\n```\n```json\n{"a": 1}\n```\n'
    )
    return tmp_path


def problems(project: Path, more: str) -> list[str]:
    """What is wrong once `more` stands at the end of the README."""
    with (project / "README.md").open("a") as page:
        page.write(more)
    return list(check_docs.wrong_pages(project))


def test_a_true_page_is_left_alone(project: Path) -> None:
    assert problems(project, "") == []


@pytest.mark.parametrize(
    ("lie", "problem"),
    [
        ("[x](docs/other.md)", "links to docs/other.md, which does not exist"),
        ("[x](docs/page.md#other)", "links to docs/page.md#other, but there is no such heading"),
        ('<img src="docs/picture.svg">', "links to docs/picture.svg, which does not exist"),
        ("[x](../other)", "links to ../other, which does not exist"),
        ("`code/other.py`", "names code/other.py, which does not exist"),
        ("`other.json`", "names other.json, which does not exist"),
        ("`make walk`", "names `make walk`, which the Makefile does not have"),
        ("`GRACE_MINUTES`", "names GRACE_MINUTES, which the code does not know"),
        ("`HARBOUR=2 make run`", "names HARBOUR, which the code does not know"),
    ],
)
def test_a_lie_is_found(project: Path, lie: str, problem: str) -> None:
    assert problems(project, lie) == [f"README.md:8: {problem}"]


SHOWN = "```python code/settings.py\n{}```\n"


def test_a_page_may_show_a_file(project: Path) -> None:
    assert problems(project, SHOWN.format("GRACE_SECONDS = 5\nPORT = 1\n")) == []


def test_a_file_that_is_shown_as_it_is_not_is_found_and_can_be_written_anew(project: Path) -> None:
    (problem,) = problems(project, SHOWN.format("GRACE_SECONDS = 4\n"))
    assert problem.startswith("README.md:9: does not show what is in code/settings.py: run ")
    page = project / "README.md"
    page.write_text(check_docs.with_files(page.read_text(), project))
    assert problems(project, "") == []
    assert page.read_text().endswith(SHOWN.format("GRACE_SECONDS = 5\nPORT = 1\n"))


def test_a_file_that_is_shown_but_is_not_there_is_found(project: Path) -> None:
    lie = SHOWN.format("A = 1\n").replace("settings", "other")
    assert problems(project, lie) == ["README.md:9: shows code/other.py, which does not exist"]


def test_json_that_is_none_is_found(project: Path) -> None:
    [problem] = problems(project, "```json\n{'a': 1}\n```\n")
    assert problem.startswith("README.md:9: is not JSON")


def test_a_page_that_its_index_lacks_is_found(project: Path) -> None:
    (project / "docs" / "how-to").mkdir()
    (project / "docs" / "how-to" / "lost.md").write_text("# Lost\n")
    (project / "docs" / "page.md").write_text("# The page\n[lost](how-to/lost.md)\n")
    assert problems(project, "") == ["docs/how-to/lost.md: README.md does not link to it"]
    (project / "docs" / "README.md").write_text("[page](page.md) [lost](how-to/lost.md)\n")
    assert problems(project, "[index](docs/README.md)") == []


def test_the_documentation_is_true() -> None:
    """Asked in a process of its own: tests register operations that the catalogue's page does not have."""
    answer = subprocess.run(
        [sys.executable, "misc/check_docs.py"], check=False, cwd=PROJECT, capture_output=True, text=True
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_a_stale_part_is_found_and_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{check_docs.BEGIN}\nold\n{check_docs.END}\nafter\n")
    monkeypatch.setattr(check_docs, "GENERATED", {"page.md": lambda: "new"})
    assert len(list(check_docs.stale_parts(tmp_path))) == 1
    check_docs.write_parts(tmp_path)
    assert list(check_docs.stale_parts(tmp_path)) == []
    assert page.read_text() == f"before\n{check_docs.BEGIN}\n\nnew\n\n{check_docs.END}\nafter\n"


def test_the_picture_has_one_arrow_for_each_pair_of_states() -> None:
    table = {
        "claim": Transition((Status.PENDING,), (Status.STARTED,), "claimed"),
        "fail": Transition((Status.STARTED,), (Status.FAILURE,), "failed"),
        "rescue": Transition((Status.STARTED,), (Status.RETRY, Status.FAILURE), "lost"),
    }
    arrows = [line.strip() for line in states_picture.text(table).splitlines() if ": " in line]
    assert arrows == [
        "PENDING --> STARTED: claimed",
        "STARTED --> FAILURE: failed, or lost",
        "STARTED --> RETRY: lost",
    ]


def test_every_setting_and_every_operation_is_in_the_reference() -> None:
    assert (
        "| `PORT` | `8000` | a whole number from 1 to 65535 | The port of the HTTP API. |"
        in configuration_reference.text()
    )
    assert "| `FLOWER` | `1` | 0 or 1 |" in configuration_reference.text()
    assert "| `EMAIL_TIMEOUT_SECONDS` | `10` | a number from 1 to 60 |" in configuration_reference.text()
    assert (
        "| `RETENTION_SUCCESS_DAYS` | `30` | a number above 0, at most 365000 |"
        in configuration_reference.text()
    )
    assert "### sleep" in operations_reference.text()


def test_every_directive_is_in_the_reference() -> None:
    assert "| `%V` | ISO week, 01 to 53 | `13` |" in placeholders_reference.text()
    assert len(placeholders_reference.text().splitlines()) == len(DIRECTIVES) + 2


def test_the_reference_names_the_paths_of_the_openapi_document(client: Client) -> None:
    described = {
        f"{method.upper()} {re.sub('{(task|schedule|key|person|worker|bulk_action|file)_id}', '{id}', path)}"
        for path, methods in client.get("/swagger.json").json()["paths"].items()
        for method in methods.keys() - {"parameters"}
    }
    page = (PROJECT / "docs/reference/api.md").read_text()
    assert set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`? ]*)`", page)) == described


def test_the_two_pictures_differ_in_their_colours_alone() -> None:
    light, dark = ((PROJECT / f"docs/images/overview-{shade}.svg").read_text() for shade in ("light", "dark"))
    assert light != dark
    assert re.sub("#[0-9a-f]{6}", "", light) == re.sub("#[0-9a-f]{6}", "", dark)
