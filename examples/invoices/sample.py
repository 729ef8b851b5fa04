"""Draws the PDF of the tutorial: `.venv/bin/python -m examples.invoices.sample`. Two of its rows are bad."""

from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.platypus import SimpleDocTemplate, Table, TableStyle

PDF = Path(__file__).with_name("invoices.pdf")
CUSTOMERS = ("Bakery", "Bookshop", "Brewery", "Florist", "Joinery")
BAD = {17: ("2026-02-30", "129.00"), 58: ("2026-04-11", "-12.50")}
GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "grey")])


def rows(count: int = 120) -> list[tuple[str, ...]]:
    """The header, and so many invoices."""
    return [("Number", "Customer", "Day", "Amount"), *map(_row, range(1, count + 1))]


def _row(number: int) -> tuple[str, ...]:
    day, amount = BAD.get(
        number, (f"2026-{1 + number // 28:02}-{1 + number % 28:02}", f"{number * 7.25:.2f}")
    )
    return f"R-{number:04}", CUSTOMERS[number % len(CUSTOMERS)], day, amount


if __name__ == "__main__":
    document = SimpleDocTemplate(str(PDF), pagesize=A4, title="Invoices", invariant=1)
    document.build([Table(rows(), style=GRID, repeatRows=1, colWidths=[80, 180, 90, 90])])
