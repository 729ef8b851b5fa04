"""The forms of `/task-schedules/`: what comes in, what goes out."""

from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import Field

from rest.json import instant_text
from rest.problems import FieldError, InvalidInput
from schedules.changes import Definition
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.planning import MisfirePolicy, OverlapPolicy
from schedules.recurrence import RecurrenceError, RuleSpec, describe, parse
from tasks_api.api.filters import Page
from tasks_api.api.input import Instant, Strict, read_body
from tasks_api.api.template import TemplateBody, resolve

UPCOMING = 5
LAST_INSTANT = datetime.max.replace(tzinfo=UTC)
KINDS = (("every_x_days", "every_x_hours"), ("cron",), ("rrule",), ("run_at",))


class RuleBody(Strict):
    """The fields of a rule."""

    every_x_days: Annotated[
        int | None, Field(ge=1, description="Calendar days in `timezone`. Added to every_x_hours.")
    ] = None
    every_x_hours: Annotated[int | None, Field(ge=1, description="Elapsed hours. Added to every_x_days.")] = (
        None
    )
    cron: Annotated[str | None, Field(description="Five fields, or @daily and its kin.")] = None
    rrule: Annotated[
        str | None, Field(description="RFC 5545 text: DTSTART, RRULE and others, or FREQ=… alone.")
    ] = None
    run_at: Annotated[Instant | None, Field(description="Once.")] = None
    timezone: Annotated[str | None, Field(description="IANA name. Default UTC.")] = None
    starts_at: Annotated[
        Instant | None, Field(description="Not before; for every_x_* and bare rrules the phase.")
    ] = None
    ends_at: Annotated[Instant | None, Field(description="Not after.")] = None
    dst_gap: Annotated[
        Literal["auto", "skip", "shift", "after"] | None,
        Field(description="What becomes of times that a clock change skips. Default auto."),
    ] = None
    dst_fold: Annotated[
        Literal["auto", "first", "last", "both"] | None,
        Field(description="What becomes of times that a clock change repeats. Default auto."),
    ] = None

    @property
    def spec(self) -> RuleSpec:
        """The rule as it was written; null is the default."""
        given = {name: getattr(self, name) for name in RuleBody.model_fields}
        return RuleSpec(**{name: value for name, value in given.items() if value is not None})


class ScheduleBody(RuleBody, TemplateBody):
    """The body of `POST /task-schedules/`: the template of its tasks, exactly one kind of rule, and policies."""

    name: Annotated[str | None, Field(min_length=1, max_length=200, description="Unique.")] = None
    schedule_x_times: Annotated[
        int | None,
        Field(ge=1, le=2_000_000_000, description="At most so many tasks. Default: no limit; 1 with run_at."),
    ] = None
    expires_after_seconds: Annotated[
        float | None,
        Field(gt=0, le=10 * 366 * 86_400, description="A task expires so long after its occurrence."),
    ] = None
    misfire_policy: Annotated[
        Literal["run_last", "run_all", "skip"] | None,
        Field(description="What becomes of occurrences that nobody swept in time. Default run_last."),
    ] = None
    catchup_window_seconds: Annotated[
        float | None,
        Field(
            gt=0,
            le=10 * 366 * 86_400,
            description="Occurrences that are later than this are missed. Default: no limit; a day with run_all.",
        ),
    ] = None
    overlap_policy: Annotated[
        Literal["allow", "skip", "queue_one", "cancel_running"] | None,
        Field(
            description="What becomes of an occurrence while an earlier task has not ended. Default allow."
        ),
    ] = None
    jitter_seconds: Annotated[
        float | None,
        Field(
            ge=0,
            le=86_400,
            description="Its tasks run up to so much later; less than the interval. Default 0.",
        ),
    ] = None
    pause_after_failures: Annotated[
        int | None,
        Field(
            ge=1, le=100, description="Pause once so many of its tasks in a row have failed. Default: never."
        ),
    ] = None


class ScheduleFilter(Page):
    """Query parameters of `GET /task-schedules/`."""

    status: Annotated[
        list[Annotated[ScheduleStatus, Field(strict=False)]],
        Field(description="May be repeated: any of them."),
    ] = []


def definition(body: Any) -> Definition:
    """A schedule as a client describes it. Raises InvalidInput, RecurrenceError."""
    form = read_body(ScheduleBody, body)
    template = resolve(form)
    columns = {
        **template.as_fields(),
        "timeout_seconds": form.timeout_seconds,
        "max_attempts": form.max_attempts,
        "name": form.name,
        "schedule_x_times": form.schedule_x_times or (1 if form.run_at else None),
        "expires_after_seconds": form.expires_after_seconds,
        "misfire_policy": form.misfire_policy or MisfirePolicy.RUN_LAST.value,
        "catchup_window_seconds": form.catchup_window_seconds,
        "overlap_policy": form.overlap_policy or OverlapPolicy.ALLOW.value,
        "jitter_seconds": form.jitter_seconds or 0,
        "pause_after_failures": form.pause_after_failures,
    }
    del columns["retry_when_lost"]  # the operation says so each time that a task is made
    return Definition(form.spec, columns)


def redefinition(schedule: TaskSchedule, changes: Any) -> Definition:
    """`schedule` with the fields that a client names changed. Raises InvalidInput, RecurrenceError.

    Naming a rule of another kind replaces the rule; naming another operation replaces its arguments.
    """
    if not isinstance(changes, dict):
        raise InvalidInput([FieldError((), "invalid_type", "the body must be an object")])
    stored = as_body(schedule)
    named = {name for name in changes if changes[name] is not None}
    for kind in KINDS:
        if named.isdisjoint(kind) and any(named & set(other) for other in KINDS if other is not kind):
            stored = {name: value for name, value in stored.items() if name not in kind}
    if "operation" in named and changes["operation"] != schedule.operation:
        stored.pop("arguments")
    return definition({**stored, **changes})


def as_body(schedule: TaskSchedule) -> dict[str, Any]:
    """The body that would create this schedule anew."""
    instants = {name: instant_text(getattr(schedule, name)) for name in ("run_at", "starts_at", "ends_at")}
    names = [name for name in ScheduleBody.model_fields if name not in instants]
    return {**{name: getattr(schedule, name) for name in names}, **instants}


def represent(schedule: TaskSchedule) -> dict[str, Any]:
    """A schedule as clients see it."""
    return {
        "id": str(schedule.id),
        **as_body(schedule),
        "status": schedule.status,
        "error": schedule.error,
        "next_run_at": instant_text(schedule.next_run_at) if schedule.sweep_at else None,
        "last_run_at": instant_text(schedule.last_run_at),
        "runs_created": schedule.runs_created,
        "runs_remaining": schedule.runs_remaining,
        "upcoming": upcoming(schedule),
        "description": _described(schedule),
        "created_at": instant_text(schedule.created_at),
        "updated_at": instant_text(schedule.updated_at),
    }


def _described(schedule: TaskSchedule) -> str | None:
    """The rule in plain English; None for one that could be read once and cannot now, as a zone that is gone."""
    try:
        return describe(schedule.spec)
    except RecurrenceError:
        return None


def upcoming(schedule: TaskSchedule) -> list[dict[str, str | None]]:
    """The next instants, in UTC and as the clock on the wall shows them."""
    if schedule.sweep_at is None or schedule.next_run_at is None:
        return []
    rule = parse(schedule.spec)
    most = UPCOMING if schedule.runs_remaining is None else min(UPCOMING, schedule.runs_remaining)
    instants: list[datetime] = []
    with suppress(RecurrenceError):  # so sparse that the search ends: these are told
        instants.extend(islice(rule.between(schedule.next_run_at, LAST_INSTANT), most))
    return [{"at": instant_text(at), "local": at.astimezone(rule.zone).isoformat()} for at in instants]
