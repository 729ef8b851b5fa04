"""The ledger of a schedule as its page tells it: what is to come above, what was below, each with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from dashboard.schedules.strip_svg import kind_of, words_of
from rest.json import instant_text
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.occurrences.forecast import UPCOMING, Outlook
from schedules.occurrences.pages import ListedOccurrence, Period, page
from schedules.occurrences.upcoming import FIRST_INSTANT, LAST_INSTANT
from schedules.planning import JUST_AFTER, Outcome
from tasks_api.models import Task

AHEAD, BEHIND = 8, 22
SIZE = AHEAD + BEHIND
_OPEN = (UPCOMING, Outcome.OVERRIDDEN, Outcome.MOVED, Outcome.CHANGED)


Ended = tuple[str, float | None]
"""The status of a task, and how many seconds it took."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An instant. `kind`: what it is drawn as. `can_change`: something may still be said of it."""

    told: ListedOccurrence
    kind: str
    words: str
    seconds: float | None
    is_coming: bool
    can_change: bool

    @property
    def key(self) -> str:
        """As a path names it."""
        return str(instant_text(self.told.scheduled_for))


@dataclass(frozen=True, slots=True)
class ShownLedger:
    """Entries, the latest first. `earlier`, `later`: where other pages begin; None: there is nothing."""

    entries: Sequence[Entry]
    earlier: datetime | None
    later: datetime | None


def shown(
    schedule: TaskSchedule,
    outlook: Outlook,
    tasks: Sequence[Task],
    now: datetime,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> ShownLedger:
    """The page around `now`, or the one that begins at `start`, or that ends before `end`. `tasks`: known already."""
    earlier: datetime | None
    later: datetime | None
    if start is not None:
        found, more = page(schedule, Period(start, LAST_INSTANT), SIZE, now, outlook)
        listed = found[::-1]
        later, earlier = (listed[0].scheduled_for + JUST_AFTER if more and listed else None), start
    else:
        until = end or _end(outlook, now)
        listed, more = page(schedule, Period(FIRST_INSTANT, until, backwards=True), SIZE, now, outlook)
        earlier = listed[-1].scheduled_for if more else None
        later = until if end is not None or next(outlook.instants(until, LAST_INSTANT), None) else None
    return ShownLedger(_entries(listed, schedule, tasks, now), earlier, later)


def _end(outlook: Outlook, now: datetime) -> datetime:
    """Behind the next few instants."""
    coming = list(islice(outlook.instants(now, LAST_INSTANT), AHEAD))
    return coming[-1] + JUST_AFTER if coming else now + JUST_AFTER


def _entries(
    listed: Sequence[ListedOccurrence], schedule: TaskSchedule, tasks: Sequence[Task], now: datetime
) -> list[Entry]:
    known = {task.id: (task.status, _seconds(task.started_at, task.finished_at)) for task in tasks}
    known |= _tasks([each.task_id for each in listed if each.task_id and each.task_id not in known], schedule)
    is_open = schedule.status in (ScheduleStatus.ACTIVE, ScheduleStatus.PAUSED)
    return [_entry(each, known, now, is_open=is_open) for each in listed]


def _entry(each: ListedOccurrence, tasks: Mapping[UUID, Ended], now: datetime, *, is_open: bool) -> Entry:
    status, seconds = tasks.get(each.task_id, (None, None)) if each.task_id else (None, None)
    words = words_of(status or each.outcome)
    is_coming = (each.due_at or each.scheduled_for) > now
    can_change = is_open and is_coming and (each.outcome in _OPEN or each.scheduled_for > now)
    return Entry(each, kind_of(each.outcome, status), words, seconds, is_coming, can_change)


def _tasks(ids: Sequence[UUID], schedule: TaskSchedule) -> dict[UUID, Ended]:
    """Of each task its status, and how long it took."""
    if not ids:
        return {}
    rows = Task.objects.filter(id__in=ids, project_id=schedule.project_id)
    return {
        task_id: (status, _seconds(begun, finished))
        for task_id, status, begun, finished in rows.values_list("id", "status", "started_at", "finished_at")
    }


def _seconds(begun: datetime | None, finished: datetime | None) -> float | None:
    return (finished - begun).total_seconds() if finished and begun else None
