"""What it costs to make CSV files of 100 pages of ruled tables, in the child process with all its limits.

The baseline is pdfplumber alone, in a process of its own, that closes each page as well. Times are of CPU, with the
start of the process that reads; memory is its peak.
"""

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from misc.benchmarks.report import Goal, Row

PACKAGES = ("pdfplumber", "pdfminer.six")
PAGES, ROUNDS = 100, 3
ROWS_OF_A_PAGE = 41
"""With the header."""
CASES = (("read", "s", Goal(1.3, of_ratio=True)), ("peak memory,", "MB", Goal(150)))
BARE = """
import pdfplumber, sys
with pdfplumber.open(sys.argv[1]) as pdf:
    for page in pdf.pages:
        page.extract_tables()
        page.close()
"""
OURS = """
with open(sys.argv[1], "rb") as file, converted(file, Options(), Limits(), lambda page: None) as (result, _):
    assert result["pages"] == int(sys.argv[2])
"""
AS_IN_A_WORKER = """
from operations.pdf.options import Limits, Options
from operations.pdf.running import converted
"""
MEASURED = """
import json, os, resource, sys
exec(sys.argv.pop(1))
began = sum(os.times()[:4])
exec(sys.argv.pop(1))
most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps([sum(os.times()[:4]) - began, most / 1024]))
"""


def run(*, short: bool) -> Iterator[Row]:
    """Time and memory."""
    pages, rounds = (2, 1) if short else (PAGES, ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.pdf"
        path.write_bytes(_pdf(pages))
        ours, bare = [], []
        for _ in range(rounds):
            bare.append(_measure("", BARE, path, pages))
            ours.append(_measure(AS_IN_A_WORKER, OURS, path, pages))
    for index, (what, unit, goal) in enumerate(CASES):
        mine, theirs = (median(run[index] for run in runs) for runs in (ours, bare))
        yield Row(f"{what} {pages} pages of ruled tables", unit, mine, theirs, goal)


def _measure(before: str, code: str, path: Path, pages: int) -> tuple[float, float]:
    """Seconds of CPU, and megabytes at the peak."""
    command = [sys.executable, "-c", MEASURED, before, code, str(path), str(pages)]
    seconds, memory = json.loads(subprocess.check_output(command))
    return seconds, memory


def _pdf(pages: int) -> bytes:
    """One table over all pages, its header on each."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate, Table

    rows = [["Item", "Supplier", "Quantity", "Price", "Total", "Delivered"]]
    for number in range(ROWS_OF_A_PAGE * pages - pages):
        row = [
            f"Bolt {number}",
            "Smith and Sons",
            number % 97,
            f"{number / 7:.2f}",
            f"{number * 3.1:.2f}",
            "2026-03-29",
        ]
        rows.append([str(cell) for cell in row])
    out = io.BytesIO()
    style = [("GRID", (0, 0), (-1, -1), 0.5, "black")]
    SimpleDocTemplate(out, pagesize=A4, topMargin=40, bottomMargin=40).build(
        [Table(rows, repeatRows=1, style=style)]
    )
    return out.getvalue()
