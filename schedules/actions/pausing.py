"""Pausing and resuming: one schedule, or all that a filter names."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db.models import F, QuerySet

from access.actor import Actor
from access.audit.events import Action, Changes, target
from access.audit.recording import record
from rest.json import instant_text
from schedules.actions.auditing import record_change, told_of
from schedules.actions.settling import Versions, WrongScheduleStatus, held, settle_all
from schedules.expansion.expanding import activate, pause_of
from schedules.expansion.isolation import expand_apart
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.planning import JUST_AFTER
from schedules.recurrence import RecurrenceError
from tasks_api.database import database_now
from tasks_api.isolation.chunks import Changed, Tell, change_in_chunks, telling_once
from tasks_api.isolation.refusals import Refused, apart
from tasks_api.submission import announce

MOST_CAUGHT_UP = 10_000
"""How many occurrences a resume lets run at most."""
MOST_AT_ONCE = 10_000
"""How many schedules one request changes at most; the caller asks again for the rest."""
CHUNK = 500


class CatchUp(StrEnum):
    """Which of the occurrences of a pause run after all when it ends."""

    NONE = "none"
    LAST = "last"
    ALL = "all"


class Pause(TypedDict, total=False):
    """What is said of a pause. What is left out stays as it is; of a new pause there is none."""

    reason: str | None
    until: datetime | None


class TooManyToCatchUp(Exception):
    """More than MOST_CAUGHT_UP occurrences fell into the pause."""

    def __str__(self) -> str:
        return (
            f"must be none or last, got all: more than {MOST_CAUGHT_UP:,} occurrences fell into the pause; resume "
            "without them, then backfill the part that is needed"
        )


class PauseEndsInThePast(Exception):
    """`until` is not in the future."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"must be in the future, got {instant_text(until)}")


def wrong_status(status: str, done: str) -> WrongScheduleStatus:
    """What to raise for a schedule that cannot be `done`: paused or resumed."""
    if status == ScheduleStatus.ERROR:
        return WrongScheduleStatus(status, f"edit it to fix the error, then it can be {done}")
    return WrongScheduleStatus(status, f"only one that is active can be {done}")


def pause(
    schedule_id: UUID, actor: Actor, *, versions: Versions = None, **said: Unpack[Pause]
) -> TaskSchedule:
    """Pause a schedule: what is due is settled first. One that is paused already gets the reason and end that are said.

    Raises TaskSchedule.DoesNotExist, VersionMismatch, PauseEndsInThePast, WrongScheduleStatus for one that is
    completed or set aside.
    """
    with held(schedule_id, actor.project_id, versions) as schedule:
        refuse_past(said)
        before = told_of(schedule)
        count = pause_all([schedule], said)
        schedule.refresh_from_db()
        if count:
            record_change(actor, Action.SCHEDULE_PAUSE, schedule, before)
    if not count:  # what was settled stays
        raise wrong_status(schedule.status, "paused")
    return schedule


def refuse_past(said: Pause) -> None:
    """Raises PauseEndsInThePast."""
    until = said.get("until")
    if until is not None and until <= database_now():
        raise PauseEndsInThePast(until)


def pause_all(schedules: Sequence[TaskSchedule], said: Pause) -> int:
    """Pause those that may be, whose rows are locked. How many. Of a long catch-up, the rest falls into the pause."""
    until = said.get("until", F("paused_until"))
    pausable = (ScheduleStatus.ACTIVE, ScheduleStatus.PAUSED)
    ids = [schedule.id for schedule in settle_all(schedules) if schedule.status in pausable]
    return TaskSchedule.objects.filter(id__in=ids).update(
        status=ScheduleStatus.PAUSED,
        paused_reason=said.get("reason", F("paused_reason")),
        paused_until=until,
        sweep_at=until,
        run_all_until=None,
        version=F("version") + 1,
        updated_at=database_now(),
    )


def resume(
    schedule_id: UUID, actor: Actor, catch_up: CatchUp = CatchUp.NONE, *, versions: Versions = None
) -> TaskSchedule:
    """Let a paused schedule run again, and of the occurrences of its pause what `catch_up` says.

    One that is not paused stays as it is. Raises TaskSchedule.DoesNotExist, VersionMismatch, WrongScheduleStatus for
    one that is set aside, TooManyToCatchUp, RecurrenceError where the stored rule can be read no more.
    """
    with held(schedule_id, actor.project_id, versions) as found:
        [schedule] = settle_all([found])  # the end of its pause may have come already
        if schedule.status == ScheduleStatus.PAUSED:
            now = database_now()
            if catch_up is CatchUp.ALL and _is_too_much(schedule, now):
                raise TooManyToCatchUp
            before = told_of(schedule)
            _resume([schedule], catch_up, now)
            schedule.refresh_from_db()
            record_change(actor, Action.SCHEDULE_RESUME, schedule, before, _told_of(catch_up))
            return schedule
    if schedule.status == ScheduleStatus.ERROR:  # what was settled stays
        raise wrong_status(schedule.status, "resumed")
    return schedule


def _told_of(catch_up: CatchUp) -> Changes:
    return {"catch_up": {"after": catch_up.value}}


def _resume(schedules: Sequence[TaskSchedule], catch_up: CatchUp, now: datetime) -> None:
    """Resume schedules that are paused, whose rows are locked."""
    suspensions = {}
    for schedule in schedules:
        if catch_up is CatchUp.ALL:
            schedule.run_all_until = now + JUST_AFTER
        else:
            keep_last = catch_up is CatchUp.LAST
            suspensions[schedule.id] = pause_of(schedule, now + JUST_AFTER, keep_last=keep_last)
        activate(schedule, now)
    rows = TaskSchedule.objects.filter(id__in=[schedule.id for schedule in schedules])
    rows.update(failures_since=now)  # the plan counts from there
    announce(expand_apart(schedules, now, suspensions))
    rows.update(version=F("version") + 1, updated_at=now)


def _is_too_much(schedule: TaskSchedule, now: datetime) -> bool:
    """Whether more fell into the pause than may be caught up. Raises RecurrenceError."""
    if schedule.next_run_at is None:
        return False
    return schedule.rule.count(schedule.next_run_at, now + JUST_AFTER, MOST_CAUGHT_UP + 1) > MOST_CAUGHT_UP


def pause_many(
    schedules: QuerySet[TaskSchedule],
    actor: Actor,
    meant: Mapping[str, Any],
    *,
    dry_run: bool = False,
    **said: Unpack[Pause],
) -> Changed:
    """Pause those of `schedules` that are active. `meant`: the filter, for the audit log. Raises PauseEndsInThePast."""
    refuse_past(said)
    active = schedules.filter(status=ScheduleStatus.ACTIVE)
    if dry_run:
        return _change_all(active, len)
    changes: Changes = {name: {"after": value} for name, value in said.items()}
    tell = partial(record, actor, Action.SCHEDULE_PAUSE, target("schedule"), changes, filter=meant)
    return _change_all(active, lambda chunk: pause_all(chunk, said), tell)


def resume_many(
    schedules: QuerySet[TaskSchedule],
    actor: Actor,
    meant: Mapping[str, Any],
    catch_up: CatchUp = CatchUp.NONE,
    *,
    dry_run: bool = False,
) -> Changed:
    """Resume those of `schedules` that are paused; those with too much to catch up stay paused."""
    paused = schedules.filter(status=ScheduleStatus.PAUSED)
    if dry_run:
        return _change_all(paused, lambda chunk: len(_resumable(chunk, catch_up, database_now())))
    tell = partial(
        record, actor, Action.SCHEDULE_RESUME, target("schedule"), _told_of(catch_up), filter=meant
    )
    return _change_all(paused, lambda chunk: resume_all(chunk, catch_up), tell)


def resume_all(schedules: Sequence[TaskSchedule], catch_up: CatchUp) -> int:
    """Resume those that are paused and may be, whose rows are locked. How many."""
    settled = settle_all(schedules)
    now = database_now()
    ended = sum(schedule.status == ScheduleStatus.ACTIVE for schedule in settled)
    paused = [schedule for schedule in settled if schedule.status == ScheduleStatus.PAUSED]
    resumable = _resumable(paused, catch_up, now)
    _resume(resumable, catch_up, now)
    return len(resumable) + ended


def _resumable(schedules: Sequence[TaskSchedule], catch_up: CatchUp, now: datetime) -> list[TaskSchedule]:
    """Those whose pause may end so. One whose rule can be read no more is left to an edit."""
    if catch_up is not CatchUp.ALL:
        return list(schedules)
    found = []
    for schedule in schedules:
        with suppress(RecurrenceError):
            if not _is_too_much(schedule, now):
                found.append(schedule)
    return found


def _change_all(
    schedules: QuerySet[TaskSchedule],
    change: Callable[[Sequence[TaskSchedule]], int],
    tell: Tell | None = None,
) -> Changed:
    ids = list(schedules.order_by("id").values_list("id", flat=True)[: MOST_AT_ONCE + 1])
    refused = Refused("changing many schedules")

    def lock_and_change(some: Sequence[UUID]) -> int:
        return change(list(schedules.filter(id__in=some).order_by("id").select_for_update()))

    told = lock_and_change if tell is None else telling_once(lock_and_change, ids[:MOST_AT_ONCE], tell)

    def change_chunk(chunk: Sequence[UUID]) -> int:
        return sum(apart(told, chunk, refused.add))

    return change_in_chunks(ids, MOST_AT_ONCE, CHUNK, change_chunk, refused)
