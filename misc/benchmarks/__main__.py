"""Runs benchmarks: all, or those named. `--short` shows that they work, and measures nothing worth keeping."""

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from misc.benchmarks import report
from misc.benchmarks.peers import environment

NAMES = (
    "backlog",
    "history",
    "idle",
    "lag",
    "loading",
    "pages",
    "pdf",
    "rabbitmq",
    "recurrence",
    "requests",
    "stats",
    "sweep",
    "tasks",
)


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
    if len(given.names) == 1:
        page = given.results or (None if given.short else report.RESULTS)
        _run(given.names[0], short=given.short, page=page)
        return 0
    options = [argument for argument in arguments if argument not in NAMES]
    # Each in a process of its own, because Django is set up for the servers of one.
    codes = [_run_apart(name, options) for name in given.names or NAMES]
    return int(any(codes))


def _run_apart(name: str, options: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", "misc.benchmarks", name, *options], check=False).returncode


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
        report.write(page, name, rows, _versions(benchmark))


def _versions(benchmark: ModuleType) -> Mapping[str, str]:
    """Of the packages that a benchmark names: of this environment, and of the peers'."""
    ours = {name: version(name) for name in benchmark.PACKAGES}
    theirs = {f"peer {name}": environment.version(name) for name in getattr(benchmark, "PEERS", ())}
    return ours | theirs


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
