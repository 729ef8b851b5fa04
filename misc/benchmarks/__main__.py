"""Runs benchmarks: all, or those named. `--short` shows that they work, and measures nothing worth keeping."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from misc.benchmarks import report

NAMES = ("recurrence", "requests", "sweep", "tasks")


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 if all went through, whatever they found."""
    parser = argparse.ArgumentParser(prog="python -m misc.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument("--short", action="store_true", help="a moment for each case; the page is left alone")
    parser.add_argument("--results", type=Path, help="another page of results to write")
    given = parser.parse_args(arguments)
    unknown = set(given.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no benchmark {min(unknown)!r}, expected one of {', '.join(NAMES)}")
    page = given.results or (None if given.short else report.RESULTS)
    for name in given.names or NAMES:
        _run(name, short=given.short, page=page)
    return 0


def _run(name: str, *, short: bool, page: Path | None) -> None:
    benchmark = import_module(f"misc.benchmarks.{name}")
    print(report.line(report.HEAD))
    rows = []
    for row in benchmark.run(short=short):
        print(report.line(row.cells()), flush=True)
        rows.append(row)
    missed = sum(not row.is_met for row in rows)
    print(f"{name}: {len(rows)} cases, {missed} below their goal")
    if page is not None:
        report.write(page, name, rows, benchmark.PACKAGES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
