"""The operation: its arguments, its progress, the files it keeps, and what it says where it cannot run."""

from importlib import util
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from operations import InvalidArguments, OperationError, catalogue, testing
from operations.files import FolderFiles
from operations.pdf.tests.samples import sample

OPERATION = catalogue.get("pdf_to_csv")
FILE = {"$file": "01994f3c-8a00-7c3d-9f21-4b1f0a6de851"}


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path)


def test_each_table_becomes_a_file_and_progress_tells_of_each_page(files: FolderFiles) -> None:
    known = sample(1, is_ruled=True)
    file = files.add("Orders.PDF", known.pdf, "application/pdf")
    result, progress = testing.run("pdf_to_csv", {"file": file}, files=files)
    (table,) = result["files"]
    pages, rows = len(table["pages"]), len(known.tables[0]) - 1
    assert (result["pages"], result["rows"], table["rows"]) == (pages, rows, rows)
    assert files.read(table["file"]).decode().splitlines()[0] == ",".join(known.tables[0][0])
    assert files.find(id_of(table["file"])).name == "Orders.csv"
    messages = [str(each.message) for each in progress]
    assert messages[0].startswith(f"page 1, 1 of {pages}, ")
    assert messages[0].endswith(" left")
    assert messages[pages - 1] == f"page {pages}, {pages} of {pages}, {rows} rows"
    assert progress[-1].percent == 100


def id_of(reference: dict[str, Any]) -> Any:
    return UUID(reference["$file"])


def test_several_tables_have_numbers(files: FolderFiles) -> None:
    file = files.add("a.pdf", sample(2, is_ruled=True).pdf, "application/pdf")
    result = testing.run("pdf_to_csv", {"file": file}, files=files).result
    assert [files.find(id_of(each["file"])).name for each in result["files"]] == ["a-1.csv", "a-2.csv"]


def test_what_is_wrong_with_a_file_is_an_error_for_good(files: FolderFiles) -> None:
    file = files.add("a.pdf", b"no pdf", "application/pdf")
    with pytest.raises(OperationError) as caught:
        testing.run("pdf_to_csv", {"file": file}, files=files)
    assert (caught.value.type, caught.value.permanent) == ("not_a_pdf", True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pages": "0"},
        {"pages": "1-"},
        {"pages": "1;2"},
        {"pages": ""},
        {"tables": "some"},
        {"tables": [0]},
        {"strategy": "text"},
        {"header": []},
        {"header": "second_row"},
        {"join": True},
        {"decimal": ";"},
        {"escape_formulas": "no"},
        {"password": "x"},
    ],
)
def test_wrong_arguments_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArguments):
        OPERATION.validate({"file": FILE, **wrong})


@pytest.mark.parametrize(
    "right", [{"pages": "1-3,7,-1"}, {"tables": [1, 2]}, {"header": ["a", "b"]}, {"decimal": None}]
)
def test_right_arguments_are_taken(right: dict[str, Any]) -> None:
    assert OPERATION.validate({"file": FILE, **right}) == {"file": FILE, **right}


def test_where_its_packages_are_missing_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, files: FolderFiles
) -> None:
    find = util.find_spec
    monkeypatch.setattr(
        "operations.pdf_to_csv.find_spec", lambda name: None if name == "pdfplumber" else find(name)
    )
    lack = OPERATION.unavailable
    assert lack is not None
    assert "pip install" in lack.mend
    assert OPERATION.notes == []
    file = files.add("a.pdf", sample(2, is_ruled=True).pdf, "application/pdf")
    with pytest.raises(OperationError) as caught:
        testing.run("pdf_to_csv", {"file": file}, files=files)
    assert (caught.value.type, caught.value.permanent) == ("unavailable", True)


def test_it_is_available_here_and_tells_of_the_network() -> None:
    assert OPERATION.unavailable is None
    assert "network" in OPERATION.notes[0]
