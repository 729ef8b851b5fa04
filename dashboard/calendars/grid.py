"""The cells of a calendar: days and hours on the wall of who looks, and what falls into them. Pure."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate
from uuid import UUID
from zoneinfo import ZoneInfo

from dateutil.relativedelta import MO, relativedelta

from dashboard.forecast.heat import clock_note
from schedules.shown.calendar import Item

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEEK_HOURS = 4
"""A row of a week."""
AGENDA_DAYS = 14
MOST_IN_CELL = 5
SHOWN_OF_MORE = 4
"""Of a cell with more; the rest is a number that leads to the day."""
NO_OTHERS: Mapping[datetime, int] = {}
STRIKING = ("failed", "left_out")
"""What is to be seen before all else."""


class View(StrEnum):
    """How much is shown."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    AGENDA = "agenda"


_STEPS = {
    View.DAY: relativedelta(days=1),
    View.WEEK: relativedelta(weeks=1),
    View.MONTH: relativedelta(months=1),
    View.AGENDA: relativedelta(days=AGENDA_DAYS),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of the time. `local`: when it begins on the wall, without a zone, lest a template shift it once more.

    `more`: how many runs are not among `items`. `note`: of the clock.
    """

    start: datetime
    local: datetime
    end: datetime
    items: Sequence[Item]
    more: int
    note: str
    is_now: bool
    is_outside: bool = False
    rest: int = 0
    """How many runs are expected in it of schedules that are not shown."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say of it."""
        return not (self.items or self.note or self.is_now or self.rest)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells side by side, and what they have in common."""

    label: str
    cells: Sequence[Cell]


def moved(day: date, view: View, steps: int) -> date:
    """The same so many days, weeks or months later. A month from the 31st on is no later than its own last day."""
    return day + _STEPS[view] * steps


def edges_of(view: View, day: date, zone: ZoneInfo) -> list[datetime]:
    """Where cells begin, and where the last one ends, in UTC."""
    match view:
        case View.DAY:
            return list(_hours(midnight(day, zone), midnight(day + DAY, zone)))
        case View.WEEK:
            first = day + relativedelta(weekday=MO(-1))
            marks = [
                datetime.combine(first + number * DAY, time(hour), zone)
                for number in range(7)
                for hour in range(0, 24, WEEK_HOURS)
            ]
            return _ascending([*marks, datetime.combine(first + 7 * DAY, time(), zone)])
        case View.MONTH:
            first = day.replace(day=1)
            begin = first + relativedelta(weekday=MO(-1))
            last = first + relativedelta(months=1, days=-1)
            days = 7 * ((last - begin).days // 7 + 1)
        case View.AGENDA:
            begin, days = day, AGENDA_DAYS
    return _ascending([datetime.combine(begin + number * DAY, time(), zone) for number in range(days + 1)])


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _ascending(marks: Sequence[datetime]) -> list[datetime]:
    """In UTC. Of a day that a zone left out, nothing is left."""
    return list(accumulate((mark.astimezone(UTC) for mark in marks), max))


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """Each hour that passes: 23 or 25 where clocks change."""
    while start < end:
        yield start
        start += HOUR
    yield end


def cells_of(
    edges: Sequence[datetime],
    items: Sequence[Item],
    zone: ZoneInfo,
    now: datetime,
    month: int | None = None,
    others: Mapping[datetime, int] = NO_OTHERS,
) -> list[Cell]:
    """What falls into each; days outside of `month`, where one is given, are told apart. `others`: by the hour."""
    rest = rest_of(edges, others)
    parts: list[list[Item]] = [[] for _ in edges[1:]]
    for item in items:
        at = bisect_right(edges, item.at) - 1
        if 0 <= at < len(parts):
            parts[at].append(item)
    cells = []
    for start, end, part, left in zip(edges, edges[1:], parts, rest, strict=False):
        shown, more = _folded(part)
        local = start.astimezone(zone).replace(tzinfo=None)
        is_outside = month is not None and local.month != month
        note = clock_note(start, end - start, zone)
        cells.append(Cell(start, local, end, shown, more, note, start <= now < end, is_outside, left))
    return cells


def rest_of(edges: Sequence[datetime], others: Mapping[datetime, int]) -> list[int]:
    """How many runs of others each part has, counted where its hours begin; the first has all that began before."""
    found = [0] * (len(edges) - 1)
    for hour, count in others.items():
        at = max(bisect_right(edges, hour) - 1, 0)
        if at < len(found):
            found[at] += count
    return found


def _folded(items: Sequence[Item]) -> tuple[Sequence[Item], int]:
    """What a cell shows, and how many runs it does not. Where there are many, those that are rare come first."""
    if len(items) <= MOST_IN_CELL:
        return items, 0
    groups: dict[tuple[UUID, str], list[Item]] = {}
    for item in items:
        groups.setdefault((item.schedule.id, item.kind), []).append(item)
    joined = [
        replace(group[0], count=sum(item.count for item in group), reason=None)
        if len(group) > 1
        else group[0]
        for group in groups.values()
    ]
    joined.sort(key=lambda item: (item.kind not in STRIKING, item.count, item.at))
    if len(joined) <= MOST_IN_CELL:
        return joined, 0
    return joined[:SHOWN_OF_MORE], sum(item.count for item in joined[SHOWN_OF_MORE:])


def rows_of(view: View, cells: Sequence[Cell]) -> list[Row]:
    """As the table has them."""
    match view:
        case View.DAY:
            return [Row(f"{cell.local:%H:%M}", [cell]) for cell in cells]
        case View.WEEK:
            length = 24 // WEEK_HOURS
            return [Row(f"{number * WEEK_HOURS:02d}:00", cells[number::length]) for number in range(length)]
        case View.MONTH:
            weeks = (cells[number : number + 7] for number in range(0, len(cells), 7))
            return [Row(f"{week[0].local:%V}", week) for week in weeks]
        case View.AGENDA:
            return [Row("", [cell]) for cell in cells if not cell.is_empty]
