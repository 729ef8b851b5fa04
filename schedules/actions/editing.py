"""How schedules are created, edited and deleted."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, pairwise
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from access.actor import Actor
from access.audit.events import Action, created, removed, target
from access.audit.recording import record
from rest.json import instant_text
from schedules.actions import overriding
from schedules.actions.auditing import record_change, told_of
from schedules.actions.definition import Definition
from schedules.actions.settling import (
    StillCatchingUp,
    Versions,
    close_suspension,
    held,
    refuse_other_version,
    settle,
)
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.occurrences.upcoming import LAST_INSTANT
from schedules.planning import JUST_AFTER
from schedules.recurrence import EVERY, SEARCH_STEPS, RecurrenceError, Rule, RuleSpec, parse
from tasks_api import transitions
from tasks_api.database import database_now

JITTER_LOOKS_AT = 200
"""So many intervals between the next instants are compared with `jitter_seconds`."""

CANCEL_CHUNK = 10_000


class NameTaken(Exception):
    """Another schedule of the project has this name."""

    def __str__(self) -> str:
        return "another task schedule has this name"


class AllTasksMade(Exception):
    """The schedule has made as many tasks as the edit would allow, or more."""

    def __init__(self, runs_created: int, schedule_x_times: int | None) -> None:
        tasks = "1 task" if runs_created == 1 else f"{runs_created} tasks"
        super().__init__(
            f"must be more than the {tasks} that the schedule has created, got {schedule_x_times}"
        )


class JitterTooLong(Exception):
    """`jitter_seconds`, here `given`, is not less than the `shortest` interval between two instants."""

    def __init__(self, given: float, shortest: float) -> None:
        super().__init__(
            f"must be less than the shortest interval, {shortest:.15g} seconds, got {given:.15g}"
        )


@dataclass(frozen=True, slots=True)
class Edited:
    """A schedule after an edit, and the instants whose overrides the edit dropped, or the arguments in them."""

    schedule: TaskSchedule
    dropped_overrides: Sequence[datetime]


def create(definition: Definition, actor: Actor, *, dry_run: bool = False) -> TaskSchedule:
    """Create a schedule in the project of `actor`. Creating never catches up: a past `starts_at` is only a phase.

    A dry run writes nothing, not even for a while: somebody else may want the name. Raises RecurrenceError,
    JitterTooLong, NameTaken.
    """
    now = database_now()
    spec = with_phase(definition.spec, now)
    rule = accepted(spec)
    schedule = TaskSchedule(
        **definition.columns(),
        project_id=actor.project_id,
        created_by=actor.author,
        created_at=now,
        updated_at=now,
        ledger_from=now,
        failures_since=now,
    )
    schedule.schedule_x_times = definition.times_for(schedule)
    _set_rule(schedule, spec, rule)
    schedule.next_run_at = schedule.sweep_at = first_instant(rule, spec, now)
    _refuse_long_jitter(schedule, rule)
    if not dry_run:
        _save(lambda: _insert(schedule, actor))
    elif _is_taken(schedule):
        raise NameTaken
    return schedule


def _insert(schedule: TaskSchedule, actor: Actor) -> None:
    schedule.save(force_insert=True)
    record(actor, Action.SCHEDULE_CREATE, target("schedule", schedule.id), created(told_of(schedule)))


def _is_taken(schedule: TaskSchedule) -> bool:
    named = TaskSchedule.objects.filter(project_id=schedule.project_id, name=schedule.name)
    return schedule.name is not None and named.exists()


def edit(schedule: TaskSchedule, definition: Definition, actor: Actor) -> Edited:
    """Edit a schedule that is held: settle what is due under the old rule, then let `definition` hold.

    An edit that leaves the rule, its zone and its bounds alone does not move `next_run_at`, and none ends a pause.
    Raises StillCatchingUp, RecurrenceError, AllTasksMade, JitterTooLong, NameTaken.
    """
    settled, before = settle(schedule), told_of(schedule)
    now = settled.until + JUST_AFTER  # no instant between the rules is lost
    spec, rule = _as_stored(definition.spec, schedule, now)
    moves = spec != schedule.spec or _wakes(schedule, definition)
    if moves:
        if not settled.is_all:
            raise StillCatchingUp
        close_suspension(schedule, settled.until)
    other_operation = schedule.operation != definition.operation
    _set_columns(schedule, definition, moves=moves)
    if moves:
        _set_rule(schedule, spec, rule)
        _begin(schedule, first_instant(rule, spec, now))
    _refuse_long_jitter(schedule, rule)
    dropped: list[datetime] = []
    if moves or other_operation:
        dropped = overriding.drop_meaningless(schedule, rule, settled.until, other_operation=other_operation)
    if moves:
        schedule.next_run_at = overriding.first_open(schedule, rule, now)
    schedule.version += 1
    schedule.updated_at = settled.until
    _save(schedule.save)
    record_change(actor, Action.SCHEDULE_UPDATE, schedule, before)
    return Edited(schedule, dropped)


def _wakes(schedule: TaskSchedule, definition: Definition) -> bool:
    """Whether an edit lets a schedule run again that nothing comes of, although its rule stays as it is."""
    if schedule.status == ScheduleStatus.COMPLETED:
        return schedule.schedule_x_times != definition.times_for(schedule)
    return schedule.status == ScheduleStatus.ERROR


def _set_columns(schedule: TaskSchedule, definition: Definition, *, moves: bool) -> None:
    times = definition.times_for(schedule)
    other_times = schedule.schedule_x_times != times
    for name, value in {**definition.columns(), "schedule_x_times": times}.items():
        setattr(schedule, name, value)
    if schedule.runs_remaining == 0 and (moves or other_times):
        raise AllTasksMade(schedule.runs_created, times)


def put_by_name(
    name: str,
    redefine: Callable[[TaskSchedule | None], Definition],
    actor: Actor,
    *,
    versions: Versions = None,
    dry_run: bool = False,
) -> tuple[Edited, bool]:
    """Create the schedule of this name in the project of `actor`, or replace what it says. True: it was created.

    Two who create the same at once end with one schedule. A dry run creates nothing; an edit is undone by the caller.
    Raises as `create` and `edit` do, VersionMismatch; DoesNotExist only where versions are asked for.
    """
    with transaction.atomic():
        schedule = _locked_by_name(name, actor.project_id)
        if schedule is None and versions is None:
            try:
                return Edited(create(redefine(None), actor, dry_run=dry_run), []), True
            except NameTaken:  # by somebody who was faster, and has committed
                schedule = _locked_by_name(name, actor.project_id)
                if schedule is None:  # or rather had: it is gone again
                    raise
        if schedule is None:
            raise TaskSchedule.DoesNotExist
        refuse_other_version(schedule, versions)
        return edit(schedule, redefine(schedule), actor), False


def _locked_by_name(name: str, project_id: int) -> TaskSchedule | None:
    """The schedule that has this name once its row is locked: it may be renamed or deleted while this waits."""
    found = TaskSchedule.objects.select_for_update().filter(project_id=project_id, name=name)
    return found.first()


def delete(
    schedule_id: UUID, actor: Actor, *, versions: Versions = None, cancel_waiting: bool = False
) -> None:
    """Delete a schedule and its ledger; its tasks stay, those that wait only if they are not to be cancelled.

    Raises TaskSchedule.DoesNotExist, VersionMismatch.
    """
    with held(schedule_id, actor.project_id, versions) as schedule:
        before = told_of(schedule)
        schedule.delete()
        cancelled = _cancel_waiting(schedule_id) if cancel_waiting else None
        record(
            actor, Action.SCHEDULE_DELETE, target("schedule", schedule_id), removed(before), count=cancelled
        )


def _cancel_waiting(schedule_id: UUID) -> int:
    total = 0
    while True:
        count = transitions.cancel_of_schedules([schedule_id], CANCEL_CHUNK, waiting_only=True)
        total += count
        if count < CANCEL_CHUNK:
            return total


def with_phase(spec: RuleSpec, now: datetime) -> RuleSpec:
    """The rule with the phase that it has by default: it starts now, at the next full second."""
    is_interval = any(getattr(spec, name) for name in EVERY)
    counts_from_start = is_interval or (spec.rrule and "DTSTART" not in spec.rrule.upper())
    if spec.starts_at is not None or not counts_from_start:
        return spec
    return replace(spec, starts_at=(now + timedelta(microseconds=999_999)).replace(microsecond=0))


def accepted(spec: RuleSpec) -> Rule:
    """A rule that somebody writes, if this service takes it. Raises RecurrenceError."""
    return parse(spec, min_interval_seconds=settings.MIN_INTERVAL_SECONDS)


def first_instant(rule: Rule, spec: RuleSpec, now: datetime) -> datetime:
    """The first instant that is not past. Raises RecurrenceError when there is none."""
    first = rule.next(now, inclusive=True)
    if first is None:
        raise _no_future_instant(spec, now)
    return first


def _no_future_instant(spec: RuleSpec, now: datetime) -> RecurrenceError:
    moment = instant_text(now.replace(microsecond=0))
    if spec.run_at is not None:
        detail = f"must be in the future, got {instant_text(spec.run_at)}; now it is {moment}"
        return RecurrenceError("run_at", "no_future_instant", detail)
    is_over = spec.ends_at is not None and spec.ends_at < now
    detail = f"must {'leave' if is_over else 'name'} an instant after now, {moment}; the last one is past"
    return RecurrenceError("ends_at" if is_over else spec.kind, "no_future_instant", detail)


def _as_stored(spec: RuleSpec, schedule: TaskSchedule, now: datetime) -> tuple[RuleSpec, Rule]:
    """The rule with its phase and its zone filled in, so that it can be compared with the stored one.

    Whoever leaves the rule as it is does not write it. Raises RecurrenceError.
    """
    spec = with_phase(spec, now)
    spec = replace(spec, timezone=parse(spec).zone.key)
    return spec, schedule.rule if spec == schedule.spec else accepted(spec)


def _set_rule(schedule: TaskSchedule, spec: RuleSpec, rule: Rule) -> None:
    for name in RuleSpec.__slots__:
        setattr(schedule, name, getattr(spec, name))
    schedule.timezone = rule.zone.key


def _begin(schedule: TaskSchedule, next_run_at: datetime) -> None:
    """Active from its next instant on; a pause goes on."""
    schedule.next_run_at, schedule.run_all_until = next_run_at, None
    schedule.error = None
    if schedule.status != ScheduleStatus.PAUSED:
        schedule.status = ScheduleStatus.ACTIVE
        waiting = overriding.next_due(schedule)
        schedule.sweep_at = min(next_run_at, waiting) if waiting else next_run_at


def _refuse_long_jitter(schedule: TaskSchedule, rule: Rule) -> None:
    """The instants must stay in their order. Raises JitterTooLong."""
    if not schedule.jitter_seconds or schedule.next_run_at is None:
        return
    shortest = shortest_interval(rule, schedule.next_run_at)
    if shortest is not None and schedule.jitter_seconds >= shortest:
        raise JitterTooLong(schedule.jitter_seconds, shortest)


def shortest_interval(rule: Rule, start: datetime) -> float | None:
    """The shortest of the next intervals between instants, in seconds; None: there is but one instant."""
    shortest: float | None = None
    with suppress(RecurrenceError):  # so sparse that the search ends: those that were found tell
        named = rule.between(start, LAST_INSTANT, steps=SEARCH_STEPS)
        for one, other in pairwise(islice(named, JITTER_LOOKS_AT + 1)):
            seconds = (other - one).total_seconds()
            shortest = seconds if shortest is None else min(shortest, seconds)
    return shortest


def _save(save: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        if "task_schedule_name" in str(error):
            raise NameTaken from None
        raise
