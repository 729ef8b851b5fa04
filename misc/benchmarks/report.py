"""What a benchmark found: a row printed for each case, and a section of a page of results."""

import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = ("what", "ours", "baseline", "ratio", "goal", "")
TITLE = """# Results

What `make bench` found last, per benchmark. Times drift by a third from run to run; the baseline beside ours was
measured in the same run. *ratio* is ours to the baseline.
"""

_SECTION = re.compile(r"^## (\S+)\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound that ours must keep: at most, or at least if `more_is_better`."""

    bound: float
    more_is_better: bool = False
    of_ratio: bool = False
    """It bounds the ratio of ours to the baseline."""

    def is_met(self, value: float) -> bool:
        """Whether a value keeps it."""
        return value >= self.bound if self.more_is_better else value <= self.bound

    def text(self, unit: str) -> str:
        """`<= 200 us`."""
        return (
            f"{'>=' if self.more_is_better else '<='} {amount(self.bound)} {'x' if self.of_ratio else unit}"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One case. `baseline_gave_up`: the baseline was stopped, so it would need more than that."""

    what: str
    unit: str
    ours: float
    baseline: float | None = None
    goal: Goal | None = None
    baseline_gave_up: bool = False

    @property
    def is_met(self) -> bool:
        """Whether it reaches its goal, if it has one."""
        if self.goal is None:
            return True
        return self.goal.is_met(self.ours / (self.baseline or 1) if self.goal.of_ratio else self.ours)

    def cells(self) -> tuple[str, ...]:
        """In words, in the order of `HEAD`."""
        more, less = (">", "<") if self.baseline_gave_up else ("", "")
        return (
            self.what,
            f"{amount(self.ours)} {self.unit}",
            "" if self.baseline is None else f"{more}{amount(self.baseline)} {self.unit}",
            "" if not self.baseline else f"{less}{amount(self.ours / self.baseline)}",
            self.goal.text(self.unit) if self.goal else "",
            "" if self.goal is None else "met" if self.is_met else "NOT MET",
        )


def amount(value: float) -> str:
    """Three digits, or all before the point."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):.10f}".rstrip("0").rstrip(".") if value else "0"


def line(cells: Sequence[str]) -> str:
    """A row for a terminal."""
    widths = (50, 14, 18, 12, 14, 0)
    return " ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def write(path: Path, name: str, rows: Iterable[Row], versions: Mapping[str, str]) -> None:
    """Put a section into the page of results, in the place of the one before. `versions` are of packages, by name."""
    page = path.read_text() if path.exists() else TITLE
    sections = {found[1]: found[0] for found in _SECTION.finditer(page)}
    sections[name] = _section(name, rows, versions)
    path.write_text("\n".join([TITLE, *(text.rstrip() + "\n" for _, text in sorted(sections.items()))]))


def _section(name: str, rows: Iterable[Row], versions: Mapping[str, str]) -> str:
    table = [HEAD, ("---",) * len(HEAD), *(row.cells() for row in rows)]
    return "\n".join([f"## {name}\n", _circumstances(versions) + "\n", *map(_table_row, table)])


def _table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _circumstances(versions: Mapping[str, str]) -> str:
    """When, with what, on what."""
    used = [f"Python {platform.python_version()}", *(f"{name} {number}" for name, number in versions.items())]
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores{_processor()}"
    load = f"load {os.getloadavg()[1]:.1f} in the last five minutes, ours included"
    return f"{datetime.now(UTC):%Y-%m-%d}; {', '.join(used)}; {machine}; {load}."


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        return ""
    return f" of {found[1].strip()}" if found else ""
