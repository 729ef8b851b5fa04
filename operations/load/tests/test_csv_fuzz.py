"""What comes into the table is what Python's csv module reads, whatever the file is like."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations import OperationError
from operations.load.rows import Form, Rows, large_fields
from operations.load.tests.warehouse import Warehouse
from operations.load.text import Lines

PIECES = st.sampled_from(
    [
        "a",
        "7",
        ",",
        ";",
        "\t",
        '"',
        '""',
        "'",
        "\n",
        "\r\n",
        "\r",
        " ",
        "\\",
        "\\.",
        "\0",
        "ä",
        "\u2028",
        "\x85",
        "x" * 50,
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)
FORMS = st.sampled_from([Form(), Form(";"), Form("\t", None), Form(",", "'"), Form("|"), Form("7")])


def expected(text: str, form: Form) -> Iterator[tuple[int, list[str] | None]]:
    """The rows, or None for one that is none, with their lines, as the csv module reads the whole text."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=form.delimiter,
        quotechar=form.quote,
        quoting=csv.QUOTE_NONE if form.quote is None else csv.QUOTE_MINIMAL,
        strict=True,
    )
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except csv.Error:
            yield line, None
        except StopIteration:
            return
        else:
            if cells:
                yield line, None if any("\0" in cell for cell in cells) else cells


@given(text=TEXTS, form=FORMS)
@settings(max_examples=500)
def test_rows_are_those_of_the_csv_module(text: str, form: Form) -> None:
    with large_fields():
        found = Rows(Lines(io.BytesIO(text.encode()), "utf-8"), form)
        assert [(line, None if reason else cells) for line, cells, reason in found] == list(
            expected(text, form)
        )


@pytest.fixture
def cells(warehouse: Warehouse) -> Warehouse:
    warehouse.run("CREATE TABLE sales.cells (a text, b text)")
    return warehouse


@given(rows=st.lists(TEXTS, min_size=1, max_size=8), form=FORMS, end=st.sampled_from(["\n", "\r\n", ""]))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cells_in_the_table_are_those_of_the_csv_module(
    cells: Warehouse, rows: list[str], form: Form, end: str
) -> None:
    text = end.join(rows)
    cells.run("TRUNCATE sales.cells")
    result = cells.load(
        text,
        table="sales.cells",
        columns=["a", "b"],
        null=[],
        on_bad_row="skip",
        delimiter=form.delimiter,
        quote=form.quote,
    )
    all_rows = list(expected(text, form))
    good = [tuple(row) for _, row in all_rows if row is not None and len(row) == 2]
    assert cells.run("SELECT a, b FROM sales.cells ORDER BY ctid") == good
    assert (result["read"], result["skipped"]) == (len(all_rows), len(all_rows) - len(good))
    bad = {line for line, row in all_rows if row is None or len(row) != 2}
    assert {each["line"] for each in result["bad"]} == bad


def refusal(cells: Warehouse, content: bytes, **arguments: Any) -> OperationError:
    with pytest.raises(OperationError) as caught:
        cells.load(content, table="sales.cells", **arguments)
    return caught.value


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(cells: Warehouse, codec: str) -> None:
    cells.load("a,b\nä,€\n".encode(codec), table="sales.cells", encoding="windows-1252")
    assert cells.run("SELECT * FROM sales.cells") == [("ä", "€")]


def test_without_one_the_encoding_is_given(cells: Warehouse) -> None:
    error = refusal(cells, "a,b\nx,y\nä,1\n".encode("cp1252"))
    assert (error.type, error.permanent) == ("wrong_encoding", True)
    assert "at byte 8 (line 3)" in error.message
    cells.load("a,b\nä,€\n".encode("cp1252"), table="sales.cells", encoding="windows-1252")
    assert cells.run("SELECT * FROM sales.cells") == [("ä", "€")]


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"", "malformed_csv", "the file is empty"),
        (b"a;b\n1;2\n", "wrong_header", "perhaps the `delimiter` is ';' and not ','"),
        (b"a,c\n", "wrong_header", 'has no column "c"'),
        (b"a,a\n", "wrong_header", "more than one cell"),
    ],
)
def test_a_wrong_header_is_told(cells: Warehouse, content: bytes, kind: str, said: str) -> None:
    error = refusal(cells, content)
    assert error.type == kind
    assert said in error.message


def test_what_stands_for_no_value(cells: Warehouse) -> None:
    cells.load("a,b\n,NA\n-,x\n", table="sales.cells", null=["NA", "-"])
    assert cells.run("SELECT * FROM sales.cells") == [("", None), (None, "x")]


def test_columns_by_their_names_in_the_header(cells: Warehouse) -> None:
    cells.load("x,B b,y,A\n1,2,3,4\n", table="sales.cells", columns={"A": "a", "B b": "b"})
    assert cells.run("SELECT * FROM sales.cells") == [("4", "2")]
    assert 'did you mean "amount"?' in refusal(cells, b"amount\n1\n", columns={"amuont": "b"}).message
