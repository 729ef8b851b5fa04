"""Pausing and resuming: one schedule, or all that a filter names."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from schedules.expansion import activate, expand, pause_of
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.planning import JUST_AFTER
from schedules.recurrence import parse
from schedules.settling import NotPossible, locked, settle
from tasks_api.database import database_now
from tasks_api.submission import announce

MOST_CAUGHT_UP = 10_000
"""How many occurrences a resume lets run at most."""
MOST_AT_ONCE = 10_000
"""How many schedules one request changes at most; the caller asks again for the rest."""
CHUNK = 200


class CatchUp(StrEnum):
    """Which of the occurrences of a pause run after all when it ends."""

    NONE = "none"
    LAST = "last"
    ALL = "all"


class TooManyToCatchUp(Exception):
    """More occurrences fell into the pause than a resume lets run."""


class PauseEndsInThePast(Exception):
    """`until` is not in the future."""


@dataclass(frozen=True, slots=True)
class Many:
    """How many schedules were changed, or would be, and whether these are all."""

    count: int
    complete: bool


def pause(schedule_id: UUID, *, reason: str | None = None, until: datetime | None = None) -> TaskSchedule:
    """Pause a schedule: what is due is settled first. One that is paused already gets the new reason and end.

    Raises TaskSchedule.DoesNotExist, NotPossible for one that is completed or set aside, PauseEndsInThePast.
    """
    with transaction.atomic():
        schedule = locked(schedule_id)
        if until is not None and until <= database_now():
            raise PauseEndsInThePast
        _pause(schedule, reason, until)
    return schedule


def _pause(schedule: TaskSchedule, reason: str | None, until: datetime | None) -> None:
    settle(schedule, within_reason=True)  # of a catch-up that goes on, the rest falls into the pause
    if schedule.status not in (ScheduleStatus.ACTIVE, ScheduleStatus.PAUSED):
        raise NotPossible(schedule.status)
    schedule.status = ScheduleStatus.PAUSED
    schedule.paused_reason, schedule.paused_until = reason, until
    schedule.sweep_at, schedule.run_all_until = until, None
    _changed(schedule)


def resume(schedule_id: UUID, catch_up: CatchUp = CatchUp.NONE) -> TaskSchedule:
    """Let a paused schedule run again, and of the occurrences of its pause what `catch_up` says.

    One that is not paused stays as it is. Raises TaskSchedule.DoesNotExist, NotPossible for one that is set aside,
    TooManyToCatchUp.
    """
    with transaction.atomic():
        schedule = locked(schedule_id)
        if schedule.status == ScheduleStatus.ERROR:
            raise NotPossible(schedule.status)
        _resume(schedule, catch_up)
    return schedule


def _resume(schedule: TaskSchedule, catch_up: CatchUp) -> None:
    settle(schedule, within_reason=True)  # the end of its pause may have come already
    if schedule.status != ScheduleStatus.PAUSED:
        return
    now = database_now()
    aside = None
    if catch_up is CatchUp.ALL:
        _refuse_too_many(schedule, now)
        schedule.run_all_until = now + JUST_AFTER
    else:
        aside = pause_of(schedule, now + JUST_AFTER, keep_last=catch_up is CatchUp.LAST)
    activate(schedule, now)
    schedule.save(update_fields=["failures_since"])  # the plan counts from there
    announce(expand([schedule], now, aside))
    schedule.refresh_from_db()
    _changed(schedule)


def _refuse_too_many(schedule: TaskSchedule, now: datetime) -> None:
    if schedule.next_run_at is None:
        return
    rule = parse(schedule.spec, min_interval_seconds=settings.MIN_INTERVAL_SECONDS)
    if rule.count(schedule.next_run_at, now + JUST_AFTER, MOST_CAUGHT_UP + 1) > MOST_CAUGHT_UP:
        raise TooManyToCatchUp


def _changed(schedule: TaskSchedule) -> None:
    schedule.version += 1
    schedule.updated_at = database_now()
    schedule.save()


def pause_many(
    schedules: QuerySet[TaskSchedule],
    *,
    reason: str | None = None,
    until: datetime | None = None,
    dry_run: bool = False,
) -> Many:
    """Pause those of `schedules` that are active. Raises PauseEndsInThePast."""
    if until is not None and until <= database_now():
        raise PauseEndsInThePast
    active = schedules.filter(status=ScheduleStatus.ACTIVE)
    return _each(active, lambda schedule: _pause(schedule, reason, until), dry_run=dry_run)


def resume_many(
    schedules: QuerySet[TaskSchedule], catch_up: CatchUp = CatchUp.NONE, *, dry_run: bool = False
) -> Many:
    """Resume those of `schedules` that are paused; those with too much to catch up stay paused."""
    paused = schedules.filter(status=ScheduleStatus.PAUSED)
    return _each(paused, lambda schedule: _resume(schedule, catch_up), dry_run=dry_run)


def _each(
    schedules: QuerySet[TaskSchedule], change: Callable[[TaskSchedule], None], *, dry_run: bool
) -> Many:
    """A transaction for each chunk: nobody else waits for long, and what was done is done."""
    ids = list(schedules.order_by("id").values_list("id", flat=True)[: MOST_AT_ONCE + 1])
    chosen = ids[:MOST_AT_ONCE]
    count = len(chosen)
    if not dry_run:
        chunks = [chosen[start : start + CHUNK] for start in range(0, len(chosen), CHUNK)]
        count = sum(_change_chunk(schedules, chunk, change) for chunk in chunks)
    return Many(count, complete=len(ids) <= MOST_AT_ONCE)


def _change_chunk(
    schedules: QuerySet[TaskSchedule], ids: list[UUID], change: Callable[[TaskSchedule], None]
) -> int:
    count = 0
    with transaction.atomic():
        for schedule in schedules.filter(id__in=ids).order_by("id").select_for_update(of=("self",)):
            try:
                with transaction.atomic():
                    change(schedule)
                count += 1
            except (NotPossible, TooManyToCatchUp):
                continue
    return count
