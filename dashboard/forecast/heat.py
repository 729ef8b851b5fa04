"""A table of what is expected, whose cells are shaded by how much that is. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from math import sqrt
from statistics import median
from typing import NamedTuple

from schedules.forecasting.expected import Expected

HOUR_SECONDS = 3_600
HOUR = timedelta(hours=1)
SHADES = 6
MOST_COLUMNS = 6
"""Of operations; all others share one more."""
OTHERS = "others"
CROWDED = 3
"""An hour with so many times as many runs as the middle one is told."""
MOST_CROWDED = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, its shade from 0 to SHADES - 1, and what its column is called."""

    number: int
    shade: int
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """An hour. `local`: the same on the wall, without a zone, lest a template shift it once more.

    `slots`: how many tasks run at once on average in it; None: nobody knows how long any of them takes.
    """

    at: datetime
    local: datetime
    cells: Sequence[Cell]
    total: int
    slots: float | None
    is_short: bool
    note: str


@dataclass(frozen=True, slots=True)
class Heat:
    """All of it. `crowded`: hours in which far more is expected than usually, the fullest first.

    `busiest`: the hour that needs most slots; None: of none is known whether it needs any. `unknown`: operations of
    which nobody knows how long they take.
    """

    columns: Sequence[str]
    lines: Sequence[Line]
    total: int
    peak: Line | None
    busiest: Line | None
    crowded: Sequence[Line]
    unknown: Sequence[str]


def heat(
    expected: Iterable[Expected],
    hours: Sequence[datetime],
    zone: tzinfo,
    means: Mapping[str, float],
    slots: int,
) -> Heat:
    """Hour by operation. `means`: how long a run takes, by operation; `slots`: how many can run at once."""
    found = list(expected)
    by_operation: Counter[str] = Counter()
    counts: Counter[tuple[datetime, str]] = Counter()
    for each in found:
        by_operation[each.operation] += each.expected
        counts[each.at, each.operation] += each.expected
    largest = [name for name, _ in by_operation.most_common(MOST_COLUMNS)]
    others = [name for name in by_operation if name not in largest]
    columns = [*largest, OTHERS] if others else largest
    table = {
        hour: [
            *(counts[hour, name] for name in largest),
            *([sum(counts[hour, name] for name in others)] if others else []),
        ]
        for hour in hours
    }
    most = max((max(row, default=0) for row in table.values()), default=0)
    lines = []
    for hour in hours:
        needed = slots_needed({name: counts[hour, name] for name in by_operation}, means)
        cells = [
            Cell(count, shade(count, most), label) for count, label in zip(table[hour], columns, strict=True)
        ]
        local = hour.astimezone(zone).replace(tzinfo=None)
        is_short = needed is not None and needed > slots
        lines.append(
            Line(hour, local, cells, sum(table[hour]), needed, is_short, clock_note(hour, HOUR, zone))
        )
    totals = [line.total for line in lines]
    usual = median(totals) if totals else 0
    crowded = sorted(
        (line for line in lines if line.total > max(CROWDED * usual, 1)), key=lambda line: -line.total
    )
    return Heat(
        columns,
        lines,
        sum(totals),
        max(lines, key=lambda line: line.total, default=None) if any(totals) else None,
        max((line for line in lines if line.slots), key=lambda line: line.slots or 0.0, default=None),
        crowded[:MOST_CROWDED],
        sorted(name for name in by_operation if name not in means),
    )


class Week(NamedTuple):
    """Hours of the day by days, and the days. A cell is None where the day has no such hour, or it is not told."""

    days: Sequence[date]
    rows: Sequence[tuple[int, Sequence[Cell | None]]]
    total: int


def week(expected: Iterable[Expected], hours: Sequence[datetime], zone: tzinfo) -> Week:
    """What is expected in each hour on the wall; where clocks go back, the repeated hour counts both."""
    counts: dict[tuple[date, int], int] = {}
    for hour in hours:
        local = hour.astimezone(zone)
        counts.setdefault((local.date(), local.hour), 0)
    for each in expected:
        local = each.at.astimezone(zone)
        counts[local.date(), local.hour] = counts.get((local.date(), local.hour), 0) + each.expected
    days = sorted({day for day, _ in counts})
    most = max(counts.values(), default=0)

    def cell(day: date, hour: int) -> Cell | None:
        count = counts.get((day, hour))
        return None if count is None else Cell(count, shade(count, most), f"{day:%a %d}")

    rows = [(hour, [cell(day, hour) for day in days]) for hour in range(24)]
    return Week(days, rows, sum(counts.values()))


def slots_needed(counts: Mapping[str, int], means: Mapping[str, float]) -> float | None:
    """How many slots runs in an hour keep busy on average, of those whose mean is known; None: of none it is."""
    known = {name: count for name, count in counts.items() if count and name in means}
    if not known:
        return None if any(counts.values()) else 0.0
    return sum(count * means[name] for name, count in known.items()) / HOUR_SECONDS


def shade(count: int, most: int) -> int:
    """From 0, nothing, to the deepest for the most there are; by the root, so that little is told from nothing."""
    return 1 + round((SHADES - 2) * sqrt(count / most)) if count > 0 else 0


def clock_note(at: datetime, length: timedelta, zone: tzinfo) -> str:
    """What the clock does in this time; empty: it goes on."""
    before, after = at.astimezone(zone).utcoffset(), (at + length).astimezone(zone).utcoffset()
    if before is None or after is None or before == after:
        return ""
    return "clocks go forward" if after > before else "clocks go back"
