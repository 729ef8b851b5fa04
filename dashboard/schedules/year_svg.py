"""A year as 53 columns of 7 squares: one path for all days that look alike. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from schedules.shown.year import Day, Year

PITCH, SIDE = 13, 11
LEFT, TOP = 28, 16
LEVELS = (1, 5, 25)
"""From how many runs on a day is one shade darker."""


@dataclass(frozen=True, slots=True)
class DrawnYear:
    """`shapes`: kind and path. `months`: where each begins, and its name. `days`: those with something to tell."""

    shapes: Sequence[tuple[str, str]]
    months: Sequence[tuple[int, str]]
    days: Sequence[Day]
    today: tuple[int, int] | None
    width: int
    height: int
    label: str
    known_from: date | None


def drawn(year: Year, today: date) -> DrawnYear:
    """`today` is framed."""
    paths: dict[str, list[str]] = {}
    at: tuple[int, int] | None = None
    for column, week in enumerate(year.weeks):
        for row, day in enumerate(week):
            x, y = LEFT + column * PITCH, TOP + row * PITCH
            paths.setdefault(kind_of(day), []).append(_draw(day, x, y))
            if day.day == today:
                at = (x, y)
    days = [day for week in year.weeks for day in week]
    told = [day for day in days if day.well or day.failed or day.open or day.none or day.coming]
    return DrawnYear(
        [(kind, "".join(parts)) for kind, parts in paths.items()],
        _months(year),
        told,
        at,
        LEFT + len(year.weeks) * PITCH,
        TOP + 7 * PITCH,
        _label(days),
        year.known_from,
    )


def kind_of(day: Day) -> str:
    """The name of a class: what went wrong comes first."""
    if day.failed:
        return "failed"
    if day.well:
        return f"well{sum(day.well >= level for level in LEVELS)}"
    if day.open:
        return "open"
    if day.none:
        return "none"
    return "coming" if day.coming else "empty"


def _draw(day: Day, x: int, y: int) -> str:
    if kind_of(day) == "failed":  # with a corner missing, for who sees no colours
        return f"M{x} {y}h{SIDE - 5}l5 5v{SIDE - 5}h-{SIDE}z"
    if kind_of(day) in ("none", "coming"):
        return f"M{x + 1} {y + 1}h{SIDE - 2}v{SIDE - 2}h-{SIDE - 2}z"
    return f"M{x} {y}h{SIDE}v{SIDE}h-{SIDE}z"


def _months(year: Year) -> list[tuple[int, str]]:
    found = []
    for column, week in enumerate(year.weeks):
        first = next((day.day for day in week if day.day.day == 1), None)
        if first is not None:
            found.append((LEFT + column * PITCH, f"{first:%b}"))
    return found


def _label(days: Sequence[Day]) -> str:
    parts = {
        "succeeded": sum(day.well for day in days),
        "failed": sum(day.failed for day in days),
        "without a task": sum(day.none for day in days),
        "to come": sum(day.coming for day in days),
    }
    return "A year of days: " + ", ".join(f"{count:,} {word}" for word, count in parts.items())
