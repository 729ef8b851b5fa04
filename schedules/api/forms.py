"""The forms of `/task-schedules/`: what comes in."""

import unicodedata
from dataclasses import replace
from datetime import datetime
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from access.actor import Actor
from access.refusals import KeyRestricted
from access.scopes import Scope
from rest.input import Instant, Strict, read_body, refusal
from rest.json import instant_text
from rest.problems import FieldError, InvalidInput
from schedules.actions.definition import Definition
from schedules.actions.editing import with_phase
from schedules.api.answers import EditedTaskSchedule
from schedules.api.arguments import resolve_arguments
from schedules.api.quotas import refuse_short_interval
from schedules.filters import LONGEST_NAME, composed
from schedules.models import TaskSchedule
from schedules.planning import MisfirePolicy, OverlapPolicy
from schedules.recurrence import EVERY, MAX_LENGTH, MAX_NUMBER, RuleSpec
from tasks_api.api.other_words import OF_SCHEDULES
from tasks_api.api.template import TemplateBody
from tasks_api.database import database_now
from values.wording import received

OF_A_PAUSE = ("status", "paused_reason", "paused_until")
PAUSE_AND_RESUME = "POST /task-schedules/{id}/pause/ and /resume/"
KINDS = (EVERY, ("cron",), ("rrule",), ("run_at",))


def _on_one_line(name: str) -> str:
    for character in name:
        if unicodedata.category(character) in ("Cc", "Zl", "Zp"):
            got = f"U+{ord(character):04X}"
            raise refusal(
                "control_character", f"must not contain line breaks or control characters, got {got}"
            )
    return name


Name = Annotated[
    str, Field(min_length=1, max_length=LONGEST_NAME), BeforeValidator(composed), AfterValidator(_on_one_line)
]
"""What a schedule may be called."""


# These bounds are checked where rules are read, which tells more than pydantic would.
Every = Annotated[int, Field(ge=1, json_schema_extra={"maximum": MAX_NUMBER})]
Cron = Annotated[str, Field(json_schema_extra={"maxLength": MAX_LENGTH["cron"]})]
Rrule = Annotated[str, Field(json_schema_extra={"maxLength": MAX_LENGTH["rrule"]})]
Zone = Annotated[str, Field(json_schema_extra={"maxLength": MAX_LENGTH["timezone"]})]


class RuleBody(Strict):
    """The fields of a rule."""

    every_x_days: Annotated[
        Every | None,
        Field(description="Calendar days in `timezone`. All `every_x_*` that are given are added up."),
    ] = None
    every_x_hours: Annotated[Every | None, Field(description="Elapsed hours.")] = None
    every_x_minutes: Annotated[Every | None, Field(description="Elapsed minutes.")] = None
    every_x_seconds: Annotated[Every | None, Field(description="Elapsed seconds.")] = None
    cron: Annotated[Cron | None, Field(description="Five fields, or a macro such as `@daily`.")] = None
    rrule: Annotated[
        Rrule | None,
        Field(description="RFC 5545 text: lines such as DTSTART and RRULE, or a bare `FREQ=...`."),
    ] = None
    run_at: Annotated[Instant | None, Field(description="Run once, at this time.")] = None
    timezone: Annotated[Zone | None, Field(description="IANA name. Default UTC.")] = None
    starts_at: Annotated[
        Instant | None,
        Field(description="No instants before this; `every_x_*` and bare rrules count from here."),
    ] = None
    ends_at: Annotated[Instant | None, Field(description="No instants after this; inclusive.")] = None
    dst_gap: Annotated[
        Literal["auto", "skip", "shift", "after"] | None,
        Field(description="What happens to local times that a clock change skips. Default auto."),
    ] = None
    dst_fold: Annotated[
        Literal["auto", "first", "last", "both"] | None,
        Field(description="What happens to local times that a clock change repeats. Default auto."),
    ] = None

    @property
    def spec(self) -> RuleSpec:
        """The rule as it was written; null is the default."""
        given = {name: getattr(self, name) for name in RuleBody.model_fields}
        return RuleSpec(**{name: value for name, value in given.items() if value is not None})


class ScheduleBody(RuleBody, TemplateBody):
    """The body of `POST /task-schedules/`: the template of its tasks, exactly one kind of rule, and policies."""

    other_words = OF_SCHEDULES

    name: Annotated[Name | None, Field(description="Unique. One line; kept in Unicode's form NFC.")] = None
    schedule_x_times: Annotated[
        int | None,
        Field(
            ge=1,
            le=2_000_000_000,
            description="The most tasks it may create. Default: no limit; 1 with `run_at`.",
        ),
    ] = None
    expires_after_seconds: Annotated[
        float | None,
        Field(
            gt=0,
            le=10 * 366 * 86_400,
            description="A task that has not begun so long after its instant expires. Counts from the moment when it "
            "may run: its jitter comes on top, a moved instant counts from where it was moved, and a triggered or "
            "backfilled task from when it was to run, not from its instant.",
        ),
    ] = None
    misfire_policy: Annotated[
        Literal["run_last", "run_all", "skip"] | None,
        Field(description="What happens to occurrences that were not swept in time. Default run_last."),
    ] = None
    catchup_window_seconds: Annotated[
        float | None,
        Field(
            gt=0,
            le=10 * 366 * 86_400,
            description="Occurrences later than this are missed. Default: no limit; a day with `run_all`.",
        ),
    ] = None
    overlap_policy: Annotated[
        Literal["allow", "skip", "queue_one", "cancel_running"] | None,
        Field(
            description="What happens to an occurrence while an earlier task has not ended. Default allow."
        ),
    ] = None
    jitter_seconds: Annotated[
        float | None,
        Field(
            ge=0,
            le=86_400,
            description="Each task is delayed by a random time up to this; must be less than the interval. Default 0.",
        ),
    ] = None
    pause_after_failures: Annotated[
        int | None,
        Field(
            ge=1,
            le=100,
            description="Pause once this many of its tasks in a row have failed. Default: never.",
        ),
    ] = None


READ_ONLY = EditedTaskSchedule.model_fields.keys() - ScheduleBody.model_fields.keys()


class _NameInPath(Strict):
    name: Name


def _read(body: Any) -> ScheduleBody:
    """A body; one that was read back holds more than may be sent, and each such field is told as that."""
    try:
        return read_body(ScheduleBody, body)
    except InvalidInput as error:
        raise InvalidInput(map(_name_read_only, error.errors)) from None


def _name_read_only(error: FieldError) -> FieldError:
    if len(error.location) != 1 or error.location[0] not in READ_ONLY:
        return error
    how = f"; {PAUSE_AND_RESUME} change it" if error.location[0] in OF_A_PAUSE else ""
    return replace(error, code="read_only", detail=f"is read-only and must be left out{how}")


def definition(body: Any, actor: Actor, *, is_new_rule: bool = True) -> Definition:
    """A schedule as a client describes it. Raises InvalidInput, RecurrenceError."""
    form = _read(body)
    template = resolve_arguments(form, form.spec, actor)
    if actor.quotas and is_new_rule:
        refuse_short_interval(actor, with_phase(form.spec, database_now()))
    return Definition(
        spec=form.spec,
        name=form.name,
        operation=template.operation,
        arguments=template.arguments,
        priority=template.priority,
        # As the client says, not as the template does: the operation's defaults are those of when a task is made.
        timeout_seconds=form.timeout_seconds,
        max_attempts=form.max_attempts,
        tags=template.tags,
        schedule_x_times=form.schedule_x_times,
        expires_after_seconds=form.expires_after_seconds,
        misfire_policy=form.misfire_policy or MisfirePolicy.RUN_LAST.value,
        catchup_window_seconds=form.catchup_window_seconds,
        overlap_policy=form.overlap_policy or OverlapPolicy.ALLOW.value,
        jitter_seconds=form.jitter_seconds or 0,
        pause_after_failures=form.pause_after_failures,
    )


def redefinition(schedule: TaskSchedule, changes: Any, actor: Actor) -> Definition:
    """`schedule` with the fields that a client names changed. Raises InvalidInput, RecurrenceError.

    Naming a rule of another kind replaces the rule; naming another operation replaces its arguments.
    """
    _refuse_no_object(changes)
    stored = as_body(schedule)
    named = {name for name in changes if changes[name] is not None}
    for kind in KINDS:
        if named.isdisjoint(kind) and any(named & set(other) for other in KINDS if other is not kind):
            stored = {name: value for name, value in stored.items() if name not in kind}
    if schedule.run_at is not None and ("run_at" in named or "run_at" not in stored):
        del stored["schedule_x_times"]  # it ran once because of run_at
    if "operation" in named and changes["operation"] != schedule.operation:
        del stored["arguments"]
    try:
        return definition(
            {**stored, "starts_at": _kept_start(schedule, changes), **changes},
            actor,
            is_new_rule=not RuleBody.model_fields.keys().isdisjoint(changes),
        )
    except InvalidInput as error:
        if "arguments" in changes or actor.may(Scope.PAYLOADS_READ):
            raise
        raise type(error)(map(_hide_stored, error.errors)) from None


def _hide_stored(error: FieldError) -> FieldError:
    """What is wrong with arguments repeats them, and these are the stored ones."""
    if error.location[:1] != ("arguments",) or error.code == KeyRestricted.code:
        return error
    return replace(error, location=("arguments",), detail="are not valid any more: send them anew")


def replacement(schedule: TaskSchedule | None, name: str, body: Any, actor: Actor) -> Definition:
    """The schedule of this name as a client describes it: what is not named takes its default.

    Where it replaces one, `starts_at` keeps its value. Raises InvalidInput, RecurrenceError.
    """
    _refuse_no_object(body)
    if composed(body.get("name")) not in (None, name):
        detail = f"must be left out or the name in the path, {received(name)}, got {received(body['name'])}"
        raise InvalidInput([FieldError(("name",), "conflict", detail)])
    start = None if schedule is None else _kept_start(schedule, body)
    return definition({"starts_at": start, **body, "name": name}, actor)


def name_in_path(name: str) -> str:
    """As it is stored. Raises InvalidInput for one that no schedule may have."""
    return read_body(_NameInPath, {"name": name}).name


def _refuse_no_object(body: Any) -> None:
    if not isinstance(body, dict):
        raise InvalidInput([FieldError((), "invalid_type", "the body must be an object")])


def _kept_start(schedule: TaskSchedule, body: dict[str, Any]) -> str | None:
    """The stored `starts_at`, unless a rule that comes in says by itself when it starts."""
    rrule = body.get("rrule")
    begins_itself = isinstance(rrule, str) and "DTSTART" in rrule.upper()
    return None if begins_itself else instant_text(schedule.starts_at)


def as_body(schedule: TaskSchedule) -> dict[str, Any]:
    """The body that would create this schedule anew."""
    return {name: _plain(getattr(schedule, name)) for name in ScheduleBody.model_fields}


def _plain(value: Any) -> Any:
    """As a client wrote it: instants as text, whole numbers without a fraction.

    What is no number in JSON, which only SQL can have written, is null: the other schedules of a page are shown.
    """
    if isinstance(value, datetime):
        return instant_text(value)
    if not isinstance(value, float):
        return value
    if not isfinite(value):
        return None
    return int(value) if value.is_integer() else value
