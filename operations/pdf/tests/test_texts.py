"""Numbers, formulas, page numbers and directions: the small parts."""

import pytest

from operations.pdf.cells import harmless, looks_like_a_number, plain_number
from operations.pdf.page_numbers import chosen
from operations.pdf.right_to_left import reading_order


@pytest.mark.parametrize(
    ("text", "decimal", "plain"),
    [
        ("1.234,56", ",", "1234.56"),
        ("1 234 567,8", ",", "1234567.8"),
        ("-12,5", ",", "-12.5"),
        ("\u221212,5", ",", "-12.5"),
        ("12,5-", ",", "-12.5"),
        ("(1.000)", ",", "-1000"),
        ("+7", ",", "7"),
        ("1,234.56", ".", "1234.56"),
        ("1'234.5", ".", "1234.5"),
        ("12.34.56", ",", "12.34.56"),
        ("1.23", ",", "1.23"),
        ("2026-03-29", ".", "2026-03-29"),
        ("EUR 7,50", ",", "EUR 7,50"),
        ("", ",", ""),
    ],
)
def test_numbers(text: str, decimal: str, plain: str) -> None:
    assert plain_number(text, decimal) == plain


@pytest.mark.parametrize("text", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\tx", "-1;2", "-x"])
def test_formulas_become_harmless(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["-12.5", "+3", "-1,234.56", "a=b", "", "7"])
def test_numbers_and_texts_are_harmless(text: str) -> None:
    assert harmless(text) == text


def test_what_is_no_name_of_a_column() -> None:
    assert all(map(looks_like_a_number, ["7", "-1,5", "€ 12.00", "(3)", "12 %"]))
    assert not any(map(looks_like_a_number, ["", "Total", "Q1", "2026-03-29 x"]))


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        (None, [1, 2, 3, 4, 5]),
        ("1", [1]),
        ("2-3,-1", [2, 3, 5]),
        ("-2-9", [4, 5]),
        ("4,1-2,2", [1, 2, 4]),
        ("9", []),
        ("-9", []),
        ("3-2", []),
    ],
)
def test_pages(text: str | None, pages: list[int]) -> None:
    assert chosen(text, 5) == pages


@pytest.mark.parametrize(
    ("seen", "read"), [("םולש", "שלום"), ("12.50 ריחמ", "מחיר 12.50"), ("abc", "abc"), ("(ב) א", "א (ב)")]
)
def test_lines_are_read_in_their_direction(seen: str, read: str) -> None:
    assert reading_order(seen) == read
