"""When another release of the time zone data is installed, `next_run_at` is computed anew.

The first sweep of each process sees to it before it expands anything. Only zones whose data changed matter.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from log_lines import event
from schedules.actions import overriding
from schedules.expansion.isolation import set_aside
from schedules.models import Occurrence, ScheduleStatus, TaskSchedule, ZoneData
from schedules.planning import JUST_AFTER, WAITING, replanned
from schedules.recurrence import RecurrenceError
from schedules.recurrence.zone_data import RELEASE, digests
from tasks_api.database import database_now
from tasks_api.isolation.refusals import apart
from tasks_api.postgres import is_stopped

CHUNK = 500
BEFORE_ALL = UUID(int=0)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Moved:
    """A schedule whose next instant is not what it was."""

    schedule: TaskSchedule
    was: datetime


def adopt() -> int:
    """Compute `next_run_at` anew where the installed data differs from what it was computed by. How many moved.

    Any number of processes may do it at once, and again after a crash: what is right stays as it is.
    """
    stored = ZoneData.objects.first()
    if stored is not None and stored.version == RELEASE:
        return 0
    installed, known = digests(), stored.digests if stored else {}
    changed = [name for name, digest in installed.items() if known.get(name) != digest and name != "UTC"]
    moved = _recompute(changed)
    ZoneData.objects.update_or_create(id=1, defaults={"version": RELEASE, "digests": installed})
    logger.info(
        "time zone data %s is in use; %d schedules moved", RELEASE, moved, extra=event("zone_data.in_use")
    )
    return moved


def _recompute(zones: Sequence[str]) -> int:
    concerned = TaskSchedule.objects.filter(Q(timezone__in=zones) | Q(rrule__icontains="TZID"))
    total, last = 0, BEFORE_ALL
    while True:
        ids = list(concerned.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:CHUNK])
        moved = [each for part in apart(_recompute_some, ids, _set_aside) for each in part]
        for each in moved:
            _tell(each)
        total += len(moved)
        if len(ids) < CHUNK:
            return total
        last = ids[-1]


def _recompute_some(ids: Sequence[UUID]) -> list[Moved]:
    """In a transaction. The rows are locked, so that no sweep and no edit works on what is about to move."""
    rows = TaskSchedule.objects.select_for_update(of=("self",)).filter(id__in=ids)
    schedules = list(rows.order_by("id"))
    told = _last_on_record(schedules)
    moved = [found for each in schedules if (found := _moved(each, told.get(each.id)))]
    changed = [found.schedule for found in moved]
    TaskSchedule.objects.bulk_update(changed, ["next_run_at", "sweep_at", "status"])
    _drop_overrides(schedules)
    return moved


def _set_aside(schedule_id: UUID, error: Exception) -> None:
    """One that cannot be moved must not run at the wrong time."""
    if is_stopped(error):
        raise error
    set_aside(schedule_id, error, database_now())


def _drop_overrides(schedules: Sequence[TaskSchedule]) -> None:
    """What was said of an instant that the rule names no more would never be seen again."""
    ids = [schedule.id for schedule in schedules]
    now = database_now()
    undecided = overriding.undecided(ids, now)
    concerned = set(undecided.values_list("schedule_id", flat=True))
    for schedule in schedules:
        if schedule.id in concerned:
            with suppress(RecurrenceError):  # told already
                dropped = overriding.drop_meaningless(schedule, schedule.rule, now, other_operation=False)
                _tell_dropped(schedule, dropped)


def _tell_dropped(schedule: TaskSchedule, instants: Sequence[datetime]) -> None:
    for instant in instants:
        logger.warning(
            "schedule %s names %s no more, as the data of its time zone changed: what was said of that occurrence "
            "is dropped",
            schedule.id,
            instant.isoformat(),
            extra=event("zone_data.changed"),
        )


def _last_on_record(schedules: Sequence[TaskSchedule]) -> dict[UUID, datetime | None]:
    """The last instant of each that is dealt with. Rows do not overlap, so the one that begins last ends last."""
    behind = Occurrence.objects.filter(schedule=OuterRef("id"), scheduled_for__lt=OuterRef("next_run_at"))
    last = behind.order_by("-scheduled_for")
    found = TaskSchedule.objects.filter(id__in=[schedule.id for schedule in schedules]).values_list(
        "id", Subquery(last.values("last_scheduled_for")[:1])
    )
    return dict(found)


def _moved(schedule: TaskSchedule, on_record: datetime | None) -> Moved | None:
    was = schedule.next_run_at
    if was is None:  # it waits for what it named before
        return None
    try:
        found = replanned(schedule.rule, next_run_at=was, dealt_with=_dealt_with(schedule, was, on_record))
    except RecurrenceError as error:
        logger.warning(
            "schedule %s cannot be read by the new time zone data: %s",
            schedule.id,
            error,
            extra=event("zone_data.unreadable"),
        )
        return None
    if found == was:
        return None
    schedule.next_run_at = found
    if schedule.status == ScheduleStatus.ACTIVE:  # of others, what they have left to tell begins there
        _look_again(schedule, was)
    return Moved(schedule, was)


def _look_again(schedule: TaskSchedule, was: datetime) -> None:
    found = schedule.next_run_at
    if found is None:
        waiting = Occurrence.objects.filter(schedule=schedule, outcome__in=sorted(WAITING))
        if not waiting.exists():
            schedule.status, schedule.sweep_at = ScheduleStatus.COMPLETED, None
    elif schedule.sweep_at in (None, was):
        schedule.sweep_at = found
    else:  # an occurrence that was moved is due before
        schedule.sweep_at = min(found, schedule.sweep_at)


def _dealt_with(schedule: TaskSchedule, next_run_at: datetime, on_record: datetime | None) -> datetime:
    """The last moment up to which nothing is left to do."""
    # An edit first settles what is due, and retention removed the record of nothing else.
    settled = min(max(schedule.updated_at, schedule.ledger_from), next_run_at - JUST_AFTER)
    known = (schedule.last_run_at, on_record, settled)
    # What ran ahead of its time, as it was moved, says nothing of those before it.
    return max(moment for moment in known if moment is not None and moment < next_run_at)


def _tell(moved: Moved) -> None:
    schedule = moved.schedule
    logger.warning(
        "schedule %s moved from %s to %s: the data of its time zone %s changed",
        schedule.id,
        moved.was.isoformat(),
        schedule.next_run_at.isoformat() if schedule.next_run_at else "its end",
        schedule.timezone,
        extra=event("zone_data.changed"),
    )
