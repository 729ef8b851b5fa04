"""The strip of a schedule's last instants as shapes of an SVG: one path for all marks that mean the same. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from schedules.planning import Outcome
from schedules.shown.marks import LENGTH, Mark, Strip
from tasks_api.lifecycle import Status

PITCH, HEIGHT, GROUND = 6, 24, 23
WIDTH = PITCH * LENGTH
LOWEST, TALLEST = 4, 18
WORDS = {
    "well": "succeeded",
    "failed": "failed",
    "revoked": "revoked",
    "running": "running",
    "waiting": "waiting",
    "gone": "ran, and the task is kept no more",
    "none": "without a task",
    "error": "could not be made",
}
_KINDS = {
    Status.SUCCESS: "well",
    Status.FAILURE: "failed",
    Status.REVOKED: "revoked",
    Status.STARTED: "running",
}
_WAITING = (Outcome.QUEUED, Outcome.MOVED, Outcome.CHANGED)


@dataclass(frozen=True, slots=True)
class Shape:
    """Marks that mean the same. `title`: the reason why there is no task."""

    kind: str
    path: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """The shapes, and in words what they show."""

    shapes: Sequence[Shape]
    label: str


def kind_of(outcome: str, status: str | None) -> str:
    """What an instant is drawn as; the name of a class."""
    if outcome == Outcome.CREATED:
        return "gone" if status is None else _KINDS.get(Status(status), "waiting")
    if outcome == Outcome.ERROR:
        return "error"
    return "waiting" if outcome in _WAITING or outcome == "upcoming" else "none"


def drawing(strip: Strip) -> Drawing:
    """The newest mark stands at the right."""
    longest = max((mark.seconds or 0 for mark in strip.marks), default=0)
    start = LENGTH - len(strip.marks)
    paths: dict[tuple[str, str | None], list[str]] = {}
    counts: Counter[str] = Counter()
    for number, mark in enumerate(strip.marks, start):
        kind = kind_of(mark.outcome, mark.status)
        counts[kind] += mark.count
        reason = _reason(mark) if kind in ("none", "error") else None
        paths.setdefault((kind, reason), []).append(_draw(kind, number * PITCH + PITCH // 2, mark, longest))
    shapes = [Shape(kind, "".join(parts), reason) for (kind, reason), parts in paths.items()]
    return Drawing(shapes, _label(counts))


def _reason(mark: Mark) -> str:
    times = f" ({mark.count} instants)" if mark.count > 1 else ""
    return f"{words_of(mark.outcome)}{times}: {mark.reason or 'no reason is known'}"


def words_of(outcome: str) -> str:
    """An outcome or a status, for people: `SKIPPED_OVERLAP` is `skipped overlap`."""
    return outcome.replace("_", " ").lower()


def _label(counts: Counter[str]) -> str:
    told = [f"{counts[kind]} {word}" for kind, word in WORDS.items() if counts[kind]]
    return "Last instants: " + ", ".join(told) if told else "No instant yet"


def _draw(kind: str, x: int, mark: Mark, longest: float) -> str:
    match kind:
        case "well" | "running":
            share = (mark.seconds or 0) / longest if longest else 0
            return f"M{x} {GROUND}v-{LOWEST + round((TALLEST - LOWEST) * share)}"
        case "failed":
            return f"M{x} {GROUND}v-11m-2 -7l4 4m0-4l-4 4"
        case "revoked":
            return f"M{x - 2} {GROUND - 6}h4"
        case "gone":
            return f"M{x} {GROUND}v-{LOWEST}"
        case "waiting":
            return f"M{x} {GROUND - 2}h0"
        case "error":
            return f"M{x - 2} {GROUND - 1}h4l-2-5z"
    return f"M{x - 2} {GROUND - 4}a2 2 0 1 0 4 0a2 2 0 1 0-4 0"
