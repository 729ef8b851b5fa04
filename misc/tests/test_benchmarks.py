"""The benchmarks work. What they measure is nobody's test."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from misc.benchmarks.__main__ import NAMES, main
from misc.benchmarks.report import HEAD, Goal, Row, amount, line, write

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", NAMES)
def test_the_short_form_works(name: str, tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    command = [sys.executable, "-m", "misc.benchmarks", name, "--short", "--results", str(page)]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    cases = [row for row in ran.stdout.splitlines() if row.endswith(("met", "NOT MET"))]
    table = [row for row in page.read_text().splitlines() if row.startswith("| ")]
    assert 0 < len(cases) <= len(table) - 2
    assert f"## {name}" in page.read_text()


def test_the_short_form_leaves_the_results_alone() -> None:
    page = PROJECT / "misc/benchmarks/RESULTS.md"
    before = page.read_bytes()
    command = [sys.executable, "-m", "misc.benchmarks", "recurrence", "--short"]
    subprocess.run(command, cwd=PROJECT, capture_output=True, check=True)
    assert page.read_bytes() == before


def test_each_of_many_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    options = ["recurrence", "stats", "--short", "--results", str(page)]
    command = [sys.executable, "-m", "misc.benchmarks", *options]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert re.findall("^## (.+)$", page.read_text(), re.MULTILINE) == ["recurrence", "stats"]


def test_an_unknown_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["recurence"])
    assert "there is no benchmark 'recurence'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (Row("a", "us", 12.345, 24.69, Goal(200)), ("a", "12.3 us", "24.7 us", "0.5", "<= 200 us", "met")),
        (
            Row("a", "us", 250, 1e6, Goal(200), baseline_gave_up=True),
            ("a", "250 us", ">1,000,000 us", "<0.00025", "<= 200 us", "NOT MET"),
        ),
        (
            Row("b", "/s", 9_000, 3_000, Goal(6_000, more_is_better=True)),
            ("b", "9,000 /s", "3,000 /s", "3", ">= 6,000 /s", "met"),
        ),
        (Row("c", "s", 1), ("c", "1 s", "", "", "", "")),
        (
            Row("d", "ms", 3, 2, Goal(1, of_ratio=True)),
            ("d", "3 ms", "2 ms", "1.5", "<= 1 x", "NOT MET"),
        ),
    ],
)
def test_rows(row: Row, cells: tuple[str, ...]) -> None:
    assert row.cells() == cells
    assert len(line(row.cells())) >= len(row.what)
    assert len(cells) == len(HEAD)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.000123456, "0.000123"), (1.5, "1.5"), (99.96, "100"), (1234.5, "1,234")]
)
def test_amounts(value: float, text: str) -> None:
    assert amount(value) == text


def test_a_section_replaces_the_one_before_and_leaves_others(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    write(page, "second", [Row("x", "s", 1)], {"pytest": "1.2"})
    write(page, "first", [Row("y", "s", 1)], {})
    write(page, "second", [Row("z", "s", 2)], {"pytest": "1.3"})
    text = page.read_text()
    assert text.index("## first") < text.index("| y |") < text.index("## second") < text.index("| z |")
    assert "| x |" not in text
    assert text.count("# Results") == 1
    assert "pytest 1.3" in text
    assert "pytest 1.2" not in text
