"""Which schedules a page shows: by their state as people ask for it, a part of the name, a tag, an operation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from rest.json import instant_text
from schedules.api.filters import listed
from schedules.filters import ScheduleFilter
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.searching import among
from tasks_api.database import fetch_all

LOOK = 10_000
"""So many schedules are looked through for what no index has, and so many failures for whose they are."""

FAILING_SQL = """
SELECT failed.schedule_id
  FROM (SELECT DISTINCT schedule_id FROM (
        SELECT schedule_id FROM task
         WHERE project_id = %(project)s AND status = 'FAILURE' AND fingerprint IS NOT NULL
         ORDER BY finished_at DESC LIMIT %(look)s) AS newest
         WHERE schedule_id IS NOT NULL) AS failed
 CROSS JOIN LATERAL (
    SELECT status FROM task
     WHERE schedule_id = failed.schedule_id AND status IN ('SUCCESS', 'FAILURE')
     ORDER BY finished_at DESC, id DESC LIMIT 1) AS judged
 WHERE judged.status = 'FAILURE'
"""


class State(StrEnum):
    """What people ask of a schedule."""

    ACTIVE = "active"
    PAUSED = "paused"
    FAILING = "failing"
    """Its last task that ended by itself failed."""
    LATE = "late"
    """Its next instant is past, by more than the grace."""
    NEVER_RAN = "never_ran"
    """No task ever came of it by its rule."""
    SET_ASIDE = "set_aside"
    """Its rule or template failed in a sweep."""
    COMPLETED = "completed"


BEYOND_FILTERS = (State.FAILING, State.NEVER_RAN)
_STATUSES = {
    State.ACTIVE: ScheduleStatus.ACTIVE,
    State.PAUSED: ScheduleStatus.PAUSED,
    State.SET_ASIDE: ScheduleStatus.ERROR,
    State.COMPLETED: ScheduleStatus.COMPLETED,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. Those after `before` or `after`, an id, are on the next page, or on the one before."""

    state: State | None = None
    name: str | None = None
    tag: str | None = None
    operation: str | None = None
    before: UUID | None = None
    after: UUID | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """What the API's filter asks of it."""
        asked = {"name": self.name, "tag": self.tag, "operation": self.operation}
        return {name: value for name, value in asked.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ListedSchedules:
    """A page of schedules, newest first, and where its neighbours begin; None: there is none.

    `is_cut`: there may be more that fit than were looked at.
    """

    schedules: Sequence[TaskSchedule] = field(default_factory=list)
    older: UUID | None = None
    newer: UUID | None = None
    is_cut: bool = False


def page(wanted: Wanted, project_id: int, now: datetime, limit: int) -> ListedSchedules:
    """At most `limit` schedules of a project. Raises InvalidInput for an operation that nothing knows."""
    rows, read = listed(as_filter(wanted, now), project_id)
    if wanted.state is State.FAILING:
        rows = rows.filter(id__in=failing(project_id))
    backwards = wanted.after is not None
    ordered = rows.order_by("id" if backwards else "-id")
    if wanted.after is not None:
        ordered = ordered.filter(id__gt=wanted.after)
    elif wanted.before is not None:
        ordered = ordered.filter(id__lt=wanted.before)
    if wanted.state is State.NEVER_RAN:
        edge = ordered.values_list("id", flat=True)[LOOK - 1 : LOOK].first()
        never = ordered.filter(Q(last_run_at=None, runs_created=0), among(ordered.values("id")[:LOOK]))
        return _paged(read(never, limit + 1), wanted, limit, edge)
    return _paged(read(ordered, limit + 1), wanted, limit, None)


def _paged(found: Sequence[TaskSchedule], wanted: Wanted, limit: int, edge: UUID | None) -> ListedSchedules:
    """`edge`: the last that was looked at, where others lie behind it."""
    more, kept = len(found) > limit, list(found[:limit])
    last = kept[-1].id if more else edge
    backwards = wanted.after is not None
    if backwards:
        kept.reverse()
    first, end = (kept[0].id, kept[-1].id) if kept else (None, None)
    is_cut = edge is not None and not more
    if backwards:
        return ListedSchedules(kept, older=end or wanted.after, newer=last, is_cut=is_cut)
    return ListedSchedules(kept, older=last, newer=first if wanted.before else None, is_cut=is_cut)


def as_filter(wanted: Wanted, now: datetime) -> ScheduleFilter:
    """What the API's filters know of it: not whether one is failing or never ran."""
    fields = wanted.fields
    if wanted.state is State.LATE:
        return ScheduleFilter.model_validate({**fields, "due_before": instant_text(now - grace())})
    if (status := _STATUSES.get(wanted.state) if wanted.state else None) is not None:
        fields["status"] = [status]
    return ScheduleFilter(**fields)


def is_late(schedule: TaskSchedule, now: datetime) -> bool:
    """Whether nobody swept it in time."""
    due = schedule.next_run_at
    return schedule.status == ScheduleStatus.ACTIVE and due is not None and due < now - grace()


def grace() -> timedelta:
    """How late a schedule may be and still count as on time."""
    return timedelta(seconds=settings.MISFIRE_GRACE_SECONDS)


def failing(project_id: int) -> list[UUID]:
    """The schedules of a project whose last task failed, as far as its newest failures tell."""
    rows = fetch_all(FAILING_SQL, {"project": project_id, "look": LOOK})
    return [schedule_id for (schedule_id,) in rows]


def own(project_id: int) -> QuerySet[TaskSchedule]:
    """All schedules of a project."""
    return TaskSchedule.objects.filter(project_id=project_id)
