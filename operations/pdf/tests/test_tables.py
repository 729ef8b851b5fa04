"""Tables of generated PDFs, which are known. PDF_SAMPLES says of how many of each kind; `make test-deep` takes 100."""

import csv
import io
import os
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from operations.pdf.failures import Unconvertible
from operations.pdf.options import Limits, Options
from operations.pdf.reading import convert
from operations.pdf.tests import samples
from operations.pdf.tests.samples import Rows, sample

SAMPLES = int(os.environ.get("PDF_SAMPLES") or 10)
UNRULED_GOAL = 0.98


def tables_of(pdf: bytes, folder: Path, **options: Any) -> tuple[list[Rows], dict[str, Any]]:
    """The files that are made of a PDF, and what the result says."""
    pages: list[dict[str, Any]] = []
    chosen = Options(**{"escape_formulas": False} | options)
    result = convert(io.BytesIO(pdf), chosen, Limits(), folder, pages.append)
    assert [page["done"] for page in pages] == list(range(1, result["pages"] + 1))
    return [list(csv.reader((folder / f["path"]).read_text().splitlines())) for f in result["files"]], result


def differences(expected: list[Rows], found: list[Rows]) -> tuple[int, int]:
    """How many cells differ, and how many there are."""
    differ = count = 0
    no_table: Rows = []
    no_row: list[str] = []
    for ours, theirs in zip_longest(expected, found, fillvalue=no_table):
        for row, other in zip_longest(ours, theirs, fillvalue=no_row):
            pairs = list(zip_longest(row, other))
            count += len(pairs)
            differ += sum(a != b for a, b in pairs)
    return differ, count


@pytest.mark.parametrize("seed", range(SAMPLES))
def test_every_cell_of_ruled_tables_is_found(seed: int, tmp_path: Path) -> None:
    known = sample(seed, is_ruled=True)
    found, result = tables_of(known.pdf, tmp_path)
    assert found == known.tables, known.kind
    assert {file["strategy"] for file in result["files"]} == {"ruled"}
    assert result["rows"] == sum(len(table) - 1 for table in known.tables)


def test_cells_of_unruled_tables_are_found(tmp_path: Path) -> None:
    differ = count = 0
    for seed in range(SAMPLES):
        folder = tmp_path / str(seed)
        folder.mkdir()
        known = sample(seed, is_ruled=False)
        found, result = tables_of(known.pdf, folder)
        wrong, cells = differences(known.tables, found)
        differ, count = differ + wrong, count + cells
        assert {file["strategy"] for file in result["files"]} == {"unruled"}
    assert differ <= (1 - UNRULED_GOAL) * count


class TestOptions:
    def test_some_pages(self, tmp_path: Path) -> None:
        known = sample(7, is_ruled=True)
        found, result = tables_of(known.pdf, tmp_path, pages="-1")
        assert found == known.tables[1:]
        assert (result["pages"], result["files"][0]["pages"]) == (1, [2])

    def test_a_table_over_pages_is_one_file_or_one_for_each_page(self, tmp_path: Path) -> None:
        known = sample(1, is_ruled=True)
        found, result = tables_of(known.pdf, tmp_path)
        pages = result["files"][0]["pages"]
        assert found == known.tables
        assert pages == list(range(1, len(pages) + 1))
        assert len(pages) > 1
        (tmp_path / "apart").mkdir()
        apart, _ = tables_of(known.pdf, tmp_path / "apart", join="none")
        assert len(apart) == len(pages)
        assert [row for table in apart for row in table[1:]] == known.tables[0][1:]

    def test_the_largest_or_some_of_them(self, tmp_path: Path) -> None:
        known = sample(2, is_ruled=True)
        for number, which in enumerate(("largest", [2], [2, 1])):
            folder = tmp_path / str(number)
            folder.mkdir()
            found, _ = tables_of(known.pdf, folder, tables=which)
            assert found == (known.tables[::-1] if which == [2, 1] else known.tables[1:])

    def test_a_table_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(Unconvertible) as caught:
            tables_of(sample(2, is_ruled=True).pdf, tmp_path, tables=[3])
        assert (caught.value.type, caught.value.message) == (
            "no_such_table",
            "there is no table 3: 2 were found",
        )

    @pytest.mark.parametrize("header", ["first_row", "none", ["a", "b", "c", "d"]])
    def test_headers(self, header: Any, tmp_path: Path) -> None:
        known = sample(3, is_ruled=True).tables[0]
        found, result = tables_of(sample(3, is_ruled=True).pdf, tmp_path, header=header)
        assert found == [[header, *known[1:]] if isinstance(header, list) else known]
        assert result["rows"] == len(known) - (header != "none")

    def test_names_that_are_too_few_are_not_used(self, tmp_path: Path) -> None:
        found, result = tables_of(sample(3, is_ruled=True).pdf, tmp_path, header=["a"])
        assert found == sample(3, is_ruled=True).tables
        assert [warning["code"] for warning in result["warnings"]] == ["header_not_used"]

    def test_ruled_tables_are_read_as_unruled_if_one_wants_it(self, tmp_path: Path) -> None:
        known = sample(3, is_ruled=True)
        found, result = tables_of(known.pdf, tmp_path, strategy="unruled")
        assert found == known.tables
        assert result["files"][0]["strategy"] == "unruled"

    def test_no_table_has_lines(self, tmp_path: Path) -> None:
        with pytest.raises(Unconvertible) as caught:
            tables_of(sample(3, is_ruled=False).pdf, tmp_path, strategy="ruled")
        assert caught.value.type == "no_tables"
        assert "characters" in caught.value.message

    def test_merged_cells_are_told(self, tmp_path: Path) -> None:
        _, result = tables_of(sample(5, is_ruled=True).pdf, tmp_path)
        assert result["warnings"][0]["code"] == "merged_cells"
        assert result["files"][0]["confidence"] < 1

    def test_numbers_and_formulas(self, tmp_path: Path) -> None:
        rows = [["Name", "Amount"], ["=SUM(A1)", "-1.234,50"], ["@x", "(12,5)"], ["plain", "7"]]
        pdf = samples.ruled(rows)
        found, _ = tables_of(pdf, tmp_path, decimal=",", escape_formulas=True)
        assert found == [[["Name", "Amount"], ["'=SUM(A1)", "-1234.50"], ["'@x", "-12.5"], ["plain", "7"]]]


def test_tables_that_are_read_from_right_to_left(tmp_path: Path) -> None:
    rows = [["שם", "מחיר", "כמות"], ["בורג קטן", "12.50", "3"], ["אום (גדול)", "7.25", "14"]]
    found, _ = tables_of(samples.right_to_left(rows), tmp_path)
    assert found == [rows]
