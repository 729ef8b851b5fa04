"""How schedules are created, edited and deleted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from schedules.expansion import expand
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.recurrence import RecurrenceError, Rule, RuleSpec, parse
from tasks_api.database import database_now
from tasks_api.submission import announce

MOST_SETTLED = 10_000
"""An edit settles at most about so many occurrences that are still due; beyond, it is refused."""


class NameTaken(Exception):
    """Another schedule has this name."""


class VersionMismatch(Exception):
    """The schedule is not the version that the edit was made for."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class StillCatchingUp(Exception):
    """So many occurrences are due that an edit cannot settle them first."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a user says of a schedule: the rule as written, and the values of every other column."""

    spec: RuleSpec
    columns: dict[str, Any]

    @property
    def schedule_x_times(self) -> int | None:
        """At most so many tasks."""
        times: int | None = self.columns["schedule_x_times"]
        return times


def create(definition: Definition) -> TaskSchedule:
    """Create a schedule. Creating never catches up: a `starts_at` in the past is only a phase.

    Raises RecurrenceError, NameTaken.
    """
    now = database_now()
    spec = with_phase(definition.spec, now)
    rule = parsed(spec)
    schedule = TaskSchedule(**definition.columns, created_at=now, updated_at=now)
    _set_rule(schedule, spec, rule)
    _set_next(schedule, first_instant(rule, spec, now))
    _save(lambda: schedule.save(force_insert=True))
    return schedule


def update(
    schedule_id: UUID, redefine: Callable[[TaskSchedule], Definition], *, version: int | None = None
) -> TaskSchedule:
    """Edit a schedule: settle what is due under the old rule, then let `redefine` say what it is from now on.

    An edit that leaves the rule, its zone and its bounds alone does not move `next_run_at`.
    Raises TaskSchedule.DoesNotExist, VersionMismatch, StillCatchingUp, RecurrenceError, NameTaken.
    """
    with transaction.atomic():
        schedule = _locked(schedule_id, version)
        settle(schedule)
        now = database_now()
        _redefine(schedule, redefine(schedule), now)
        schedule.version += 1
        schedule.updated_at = now
        _save(schedule.save)
    return schedule


def delete(schedule_id: UUID, *, version: int | None = None) -> None:
    """Delete a schedule and its ledger; its tasks stay. Raises TaskSchedule.DoesNotExist, VersionMismatch."""
    with transaction.atomic():
        _locked(schedule_id, version).delete()


def settle(schedule: TaskSchedule) -> None:
    """Deal with everything that is due under the rule as it stands. The row is locked. Raises StillCatchingUp."""
    for _ in range(0, MOST_SETTLED, settings.CATCHUP_BATCH):
        now = database_now()
        if schedule.sweep_at is None or schedule.next_run_at is None or schedule.next_run_at > now:
            return
        announce(expand([schedule], now))
        schedule.refresh_from_db()
    raise StillCatchingUp


def with_phase(spec: RuleSpec, now: datetime) -> RuleSpec:
    """The rule with the phase that it has by default: it starts now, at the next full second."""
    counts_from_start = (
        spec.every_x_days or spec.every_x_hours or (spec.rrule and "DTSTART" not in spec.rrule.upper())
    )
    if spec.starts_at is not None or not counts_from_start:
        return spec
    return replace(spec, starts_at=(now + timedelta(microseconds=999_999)).replace(microsecond=0))


def parsed(spec: RuleSpec) -> Rule:
    """The rule, if this service takes it. Raises RecurrenceError."""
    return parse(spec, min_interval_seconds=settings.MIN_INTERVAL_SECONDS)


def first_instant(rule: Rule, spec: RuleSpec, now: datetime) -> datetime:
    """The first instant that is not past. Raises RecurrenceError when there is none."""
    first = rule.next(now, inclusive=True)
    if first is None:
        raise RecurrenceError(
            spec.kind,
            "no_future_instant",
            f"must name an instant after now, {now:%FT%TZ}; the last one is past",
        )
    return first


def _redefine(schedule: TaskSchedule, definition: Definition, now: datetime) -> None:
    spec = with_phase(definition.spec, now)
    wakes = schedule.status == ScheduleStatus.ERROR or (
        schedule.status == ScheduleStatus.COMPLETED
        and schedule.schedule_x_times != definition.schedule_x_times
    )
    for name, value in definition.columns.items():
        setattr(schedule, name, value)
    if schedule.runs_remaining == 0:
        _set_next(schedule, None)
    elif wakes or spec != schedule.spec:
        rule = parsed(spec)
        _set_rule(schedule, spec, rule)
        _set_next(schedule, first_instant(rule, spec, now))


def _set_rule(schedule: TaskSchedule, spec: RuleSpec, rule: Rule) -> None:
    for name in RuleSpec.__slots__:
        setattr(schedule, name, getattr(spec, name))
    schedule.timezone = rule.zone.key


def _set_next(schedule: TaskSchedule, next_run_at: datetime | None) -> None:
    schedule.next_run_at = schedule.sweep_at = next_run_at
    schedule.status = ScheduleStatus.ACTIVE if next_run_at else ScheduleStatus.COMPLETED
    schedule.error = None


def _locked(schedule_id: UUID, version: int | None) -> TaskSchedule:
    schedule = TaskSchedule.objects.select_for_update().get(id=schedule_id)
    if version is not None and schedule.version != version:
        raise VersionMismatch(schedule.version)
    return schedule


def _save(save: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        if "task_schedule_name" in str(error):
            raise NameTaken from None
        raise
