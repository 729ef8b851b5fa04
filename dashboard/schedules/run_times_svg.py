"""How long the last tasks ran, as bars of an SVG, with their limit as a line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.schedules.strip_svg import kind_of
from dashboard.shell.words import duration_words
from schedules.shown.run_times import MOST, RunTime

WIDTH, HEIGHT, LEFT, TOP = 720, 150, 52, 10
FLOOR = 140
MARGIN = 1.15
SHOWN_LIMIT = 4
"""A limit that is so many times the longest run is told in words: in the picture it would flatten all bars."""


@dataclass(frozen=True, slots=True)
class DrawnRuns:
    """`shapes`: kind and path. `ticks`: where, and what stands there. `limit`: where its line is."""

    shapes: Sequence[tuple[str, str]]
    ticks: Sequence[tuple[float, str]]
    limit: float | None
    limit_seconds: float | None
    label: str


def drawn(runs: Sequence[RunTime]) -> DrawnRuns:
    """The newest at the right."""
    longest = max((run.seconds for run in runs), default=0) or 1
    limit = runs[-1].limit if runs else None
    is_near = limit is not None and limit <= longest * SHOWN_LIMIT
    top = max(longest, limit if is_near and limit else 0) * MARGIN
    pitch = (WIDTH - LEFT) / MOST
    paths: dict[str, list[str]] = {}
    for number, run in enumerate(runs, MOST - len(runs)):
        x = round(LEFT + number * pitch + pitch / 2, 1)
        y = _y(run.seconds, top)
        paths.setdefault(kind_of("created", run.status), []).append(f"M{x:g} {FLOOR}V{min(y, FLOOR - 2):g}")
    ticks = [(_y(share * top, top), duration_words(share * top)) for share in (0.25, 0.5, 0.75)]
    return DrawnRuns(
        [(kind, "".join(parts)) for kind, parts in paths.items()],
        ticks,
        _y(limit, top) if is_near and limit is not None else None,
        limit,
        f"Run times of the last {len(runs)} tasks: the longest took {duration_words(longest)}",
    )


def _y(seconds: float, top: float) -> float:
    return round(FLOOR - (FLOOR - TOP) * seconds / top, 1)
