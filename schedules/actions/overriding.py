"""One occurrence that is not as the schedule has it: left out, moved, or with arguments or a priority of its own."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast, Coalesce, Length

from access.actor import Actor
from access.audit.events import Action, differences, removed
from access.audit.recording import record
from rest.json import instant_text
from schedules import ledger
from schedules.actions.auditing import occurrence_target, told_of_override
from schedules.actions.settling import WrongScheduleStatus, settle
from schedules.models import Occurrence, ScheduleStatus, TaskSchedule
from schedules.occurrences.upcoming import LAST_INSTANT
from schedules.planning import TIMED, Outcome
from schedules.recurrence import SEARCH_STEPS, RecurrenceError, Rule

MOST = 1_000
"""How many occurrences of one schedule may be overridden at a time."""
MOST_CHARACTERS = 4 * 1024 * 1024
"""How long, as JSON, the arguments of their own may be that occurrences of one schedule have, all together."""
REASONS = {
    Outcome.OVERRIDDEN: "somebody decided that it is left out",
    Outcome.MOVED: "somebody moved it",
    Outcome.CHANGED: "somebody gave it arguments or a priority of its own",
}


class NoSuchOccurrence(Exception):
    """The schedule's rule names no such instant; `nearest` are those before and after it."""

    def __init__(self, nearest: Sequence[datetime]) -> None:
        known = " and ".join(str(instant_text(instant)) for instant in nearest)
        super().__init__(f"the schedule names no such instant; the nearest: {known or 'there is none'}")


class AlreadyDecided(Exception):
    """The occurrence is past, or was dealt with; `outcome` says how."""

    def __init__(self, outcome: str | None) -> None:
        became = f": its outcome is {outcome}" if outcome else ""
        super().__init__(f"this occurrence is due, or past and dealt with{became}")


class NotOverridden(Exception):
    """The occurrence is as the schedule has it."""

    def __str__(self) -> str:
        return "this occurrence has no override"


class MovedIntoThePast(Exception):
    """It would be due at a time that is past: its `run_at`, or where it has none its own instant."""

    def __init__(self, run_at: datetime | None) -> None:
        super().__init__(
            "must be given: the occurrence's own time has passed, so it can only be moved again or skipped"
            if run_at is None
            else f"must be in the future, got {instant_text(run_at)}"
        )


class OwnTimeIsPast(Exception):
    """Without its override it would be due at its own instant, which is past."""

    def __str__(self) -> str:
        return "its own time has passed, so it cannot go back there: skip it or move it"


class TooManyOverrides(Exception):
    """So many occurrences of this schedule are overridden that no more may be."""

    def __str__(self) -> str:
        return f"{MOST:,} occurrences to come are overridden, and no more may be; take some back first"


class OverridesTooLarge(Exception):
    """Together, the arguments of their own that occurrences of this schedule have would be too long."""

    def __str__(self) -> str:
        return (
            f"the occurrences to come have arguments of their own of up to {MOST_CHARACTERS:,} characters in all, and "
            "no more may be added; take some back first"
        )


@dataclass(frozen=True, slots=True)
class Override:
    """What is different about one occurrence. `changes`: its own `arguments`, its own `priority`."""

    skip: bool = False
    run_at: datetime | None = None
    changes: Mapping[str, Any] | None = None
    reason: str | None = None

    @property
    def outcome(self) -> Outcome:
        """What its row says until it is due."""
        if self.skip:
            return Outcome.OVERRIDDEN
        return Outcome.MOVED if self.run_at else Outcome.CHANGED


@dataclass(frozen=True, slots=True)
class OpenOccurrence:
    """An occurrence of a schedule that is held, about which something may still be said at `now`."""

    schedule: TaskSchedule
    scheduled_for: datetime
    row: Occurrence | None
    """What was said of it before."""
    now: datetime


def find_open(schedule: TaskSchedule, instant: datetime) -> OpenOccurrence:
    """The occurrence, once what is due of the schedule is settled.

    Raises WrongScheduleStatus for a schedule that makes no tasks any more, NoSuchOccurrence, AlreadyDecided,
    RecurrenceError where the stored rule can be read no more.
    """
    now = settle(schedule).until
    row = Occurrence.objects.filter(schedule=schedule, scheduled_for=instant).first()
    if row is None:
        _refuse_unnamed(schedule, instant)
    if schedule.status in (ScheduleStatus.COMPLETED, ScheduleStatus.ERROR):
        raise WrongScheduleStatus(schedule.status, "it creates no tasks that could be changed")
    if not (instant > now if row is None else _is_open(row, now)):
        raise AlreadyDecided(None if row is None else row.outcome)
    return OpenOccurrence(schedule, instant, row, now)


def put(occurrence: OpenOccurrence, override: Override, actor: Actor) -> Occurrence:
    """Override an occurrence, in place of what was said of it before.

    Raises MovedIntoThePast, TooManyOverrides, OverridesTooLarge.
    """
    schedule, instant, now = occurrence.schedule, occurrence.scheduled_for, occurrence.now
    if not override.skip and (override.run_at or instant) <= now:
        raise MovedIntoThePast(override.run_at)
    _refuse_too_many(occurrence, override)
    row = occurrence.row
    before = told_of_override(row)
    if row is None:
        row = Occurrence(schedule=schedule, scheduled_for=instant, last_scheduled_for=instant)
    row.outcome = override.outcome.value
    row.due_at, row.changes = override.run_at, override.changes
    row.reason = override.reason or REASONS[override.outcome]
    row.save()
    _look_again(schedule, row.due_at, now)
    if changes := differences(before, told_of_override(row)):
        record(actor, Action.OCCURRENCE_OVERRIDE, occurrence_target(schedule, instant), changes)
    return row


def remove(occurrence: OpenOccurrence, actor: Actor) -> None:
    """Take back what was said of an occurrence: it is again as the schedule has it.

    Raises NotOverridden, OwnTimeIsPast.
    """
    schedule, instant = occurrence.schedule, occurrence.scheduled_for
    if occurrence.row is None:
        raise NotOverridden
    if instant <= occurrence.now:
        raise OwnTimeIsPast
    before = told_of_override(occurrence.row)
    occurrence.row.delete()
    if schedule.next_run_at is None or instant < schedule.next_run_at:
        schedule.next_run_at = instant
    _look_again(schedule, instant, occurrence.now)
    record(actor, Action.OCCURRENCE_RESTORE, occurrence_target(schedule, instant), removed(before))


def drop_meaningless(
    schedule: TaskSchedule, rule: Rule, now: datetime, *, other_operation: bool
) -> list[datetime]:
    """After an edit: forget what was said of instants that the rule names no more, and arguments of another operation.

    The instants concerned.
    """
    rows = set(undecided([schedule.id], now))
    gone = {row for row in rows if row.scheduled_for > now and not rule.names(row.scheduled_for)}
    concerned = {row for row in rows - gone if other_operation and "arguments" in (row.changes or {})}
    changed = {row for row in concerned if _without_arguments(row)}
    ledger.drop(schedule, [row.scheduled_for for row in gone | concerned - changed])
    Occurrence.objects.bulk_update(changed, ["changes"])
    return sorted(row.scheduled_for for row in gone | concerned)


def _without_arguments(row: Occurrence) -> bool:
    """Take the arguments out of an override. False: nothing is left of it."""
    row.changes = {name: value for name, value in (row.changes or {}).items() if name != "arguments"} or None
    return row.changes is not None or row.outcome == Outcome.MOVED


def _refuse_unnamed(schedule: TaskSchedule, instant: datetime) -> None:
    rule = schedule.rule
    if not rule.names(instant):
        nearest = [moment for moment in (rule.previous(instant), rule.next(instant)) if moment]
        raise NoSuchOccurrence(nearest)


def _is_open(row: Occurrence, now: datetime) -> bool:
    """Whether what is said of it is still to happen."""
    if row.outcome == Outcome.OVERRIDDEN:
        return row.scheduled_for > now
    return row.outcome in TIMED and (row.due_at or row.scheduled_for) > now


def undecided(schedule_ids: Sequence[UUID], now: datetime) -> QuerySet[Occurrence]:
    """The rows of overrides that are still to happen. One that was moved counts until its new time."""
    to_come = Q(outcome=Outcome.OVERRIDDEN, scheduled_for__gt=now) | Q(outcome__in=sorted(TIMED))
    return Occurrence.objects.filter(to_come, schedule_id__in=schedule_ids)


def _refuse_too_many(occurrence: OpenOccurrence, override: Override) -> None:
    """Every sweep of the schedule reads them all."""
    others = undecided([occurrence.schedule.id], occurrence.now)
    others = others.exclude(scheduled_for=occurrence.scheduled_for)
    if others.count() >= MOST:
        raise TooManyOverrides
    if override.changes is not None:
        length = Sum(Length(Cast("changes", TextField())), default=0)
        if others.aggregate(length=length)["length"] + len(json.dumps(override.changes)) > MOST_CHARACTERS:
            raise OverridesTooLarge


def _look_again(schedule: TaskSchedule, due_at: datetime | None, now: datetime) -> None:
    """The next instant is the first that is not left out; a sweep comes when something is due. A new version."""
    if schedule.next_run_at is not None:
        schedule.next_run_at = first_open(schedule, schedule.rule, schedule.next_run_at)
    if schedule.status == ScheduleStatus.ACTIVE:
        moments = [moment for moment in (schedule.sweep_at, schedule.next_run_at, due_at) if moment]
        schedule.sweep_at = min(moments, default=None)
    schedule.version += 1
    schedule.updated_at = now
    schedule.save(update_fields=["next_run_at", "sweep_at", "version", "updated_at"])


def first_open(schedule: TaskSchedule, rule: Rule, start: datetime) -> datetime | None:
    """The first instant at or after `start` that is not left out; where all to come are, the first of these."""
    rows = Occurrence.objects.filter(schedule=schedule, outcome=Outcome.OVERRIDDEN, scheduled_for__gte=start)
    left_out = set(rows.values_list("scheduled_for", flat=True))
    first = rule.next(start, inclusive=True)
    if first is None or first not in left_out:
        return first
    with suppress(RecurrenceError):  # so sparse that the search ends: a sweep goes on from the first
        named = rule.between(first, LAST_INSTANT, steps=SEARCH_STEPS)
        return next((instant for instant in named if instant not in left_out), first)
    return first


def next_due(schedule: TaskSchedule) -> datetime | None:
    """When the first of the occurrences that wait for a time of their own is due."""
    rows = Occurrence.objects.filter(schedule=schedule, outcome__in=sorted(TIMED))
    moment: datetime | None = rows.aggregate(first=Min(Coalesce("due_at", "scheduled_for")))["first"]
    return moment
