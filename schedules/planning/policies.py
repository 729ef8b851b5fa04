"""What users decide about a schedule, and the words for what became of an instant."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class MisfirePolicy(StrEnum):
    """What becomes of occurrences that nobody swept within the grace."""

    RUN_LAST = "run_last"
    """One task, for the last of them; an occurrence that is on time stands for all that are late."""
    RUN_ALL = "run_all"
    """A task for each, in their order."""
    SKIP = "skip"
    """No task."""


class OverlapPolicy(StrEnum):
    """What becomes of an occurrence while an earlier task of the same schedule has not ended."""

    ALLOW = "allow"
    """Its task, all the same."""
    SKIP = "skip"
    """No task."""
    QUEUE_ONE = "queue_one"
    """It waits for the other to end, unless one waits already."""
    CANCEL_RUNNING = "cancel_running"
    """The other is asked to stop, and this one waits for its end, in place of any that waited before."""


class Outcome(StrEnum):
    """What became of an occurrence."""

    CREATED = "created"
    """Its task exists."""
    QUEUED = "queued"
    """It waits for an earlier task to end."""
    MOVED = "moved"
    """It waits for the time that it was moved to."""
    CHANGED = "changed"
    """It waits for its time, with arguments or a priority of its own."""
    OVERRIDDEN = "overridden"
    """Somebody decided that it is left out."""
    ERROR = "error"
    """Its rule or template failed."""
    SKIPPED_OVERLAP = "skipped_overlap"
    """An earlier task had not ended."""
    SKIPPED_QUOTA = "skipped_quota"
    """Its project had as many tasks as it may have."""
    SKIPPED_NO_FILE = "skipped_no_file"
    """There was no file that its arguments mean by the newest of a name."""
    MISSED = "missed"
    """It was not swept in time."""
    COALESCED = "coalesced"
    """A later occurrence's task stands for it."""
    PAUSED = "paused"
    """The schedule was paused."""


TIMED = frozenset({Outcome.MOVED, Outcome.CHANGED})
"""Waits for its time."""
WAITING = TIMED | {Outcome.QUEUED}
"""Not decided yet."""
IN_RANGES = frozenset(
    {
        Outcome.SKIPPED_OVERLAP,
        Outcome.SKIPPED_QUOTA,
        Outcome.SKIPPED_NO_FILE,
        Outcome.MISSED,
        Outcome.COALESCED,
        Outcome.PAUSED,
    }
)
"""Neighbouring instants of the same such outcome share a row."""


@dataclass(frozen=True, slots=True)
class Policies:
    """How lateness, overlap and failures are dealt with.

    `grace`: an occurrence swept at most this late is on time. `batch`: the most occurrences that one plan
    runs. `window`: a late occurrence older than this is missed. `pause_after_failures`: so many in a row.
    """

    grace: timedelta
    batch: int
    misfire: MisfirePolicy = MisfirePolicy.RUN_LAST
    overlap: OverlapPolicy = OverlapPolicy.ALLOW
    window: timedelta | None = None
    pause_after_failures: int | None = None
