"""What comes in and goes out where the occurrences of a schedule are told, overridden and backfilled."""

from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from access.actor import Actor
from operations import catalogue
from rest.input import Instant, Strict, read_body
from rest.json import instant_text
from rest.pagination import Place, no_cursor, read_cursor
from rest.problems import FieldError, InvalidInput, NotFound
from schedules.actions.backfilling import Backfill
from schedules.actions.overriding import Override
from schedules.api.arguments import refuse_restricted_schedule, resolve_arguments
from schedules.models import TaskSchedule
from schedules.occurrences.pages import ListedOccurrence, Period
from schedules.occurrences.upcoming import LAST_INSTANT
from schedules.planning import JUST_AFTER
from tasks_api.api.filters import Page
from tasks_api.api.template import Priority, TemplateBody
from values.wording import received

LONGEST_PACE_SECONDS = 86_400
KEY_BYTES = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
DATE_LENGTH = len("2026-03-29")
_PATH_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


class OccurrencesQuery(Page):
    """Query parameters of `GET /task-schedules/{id}/occurrences/`."""

    start: Annotated[
        Instant | None, Field(alias="from", description="Inclusive. Default: the schedule's `ledger_from`.")
    ] = None
    end: Annotated[Instant | None, Field(alias="to", description="Exclusive. Default: open.")] = None


class OverrideBody(Strict):
    """An override of one occurrence: `skip`, or any of `run_at`, `arguments` and `priority`."""

    skip: Annotated[bool | None, Field(description="True: leave the occurrence out.")] = None
    run_at: Annotated[
        Instant | None,
        Field(
            description="Run it at this time instead; must be in the future. `scheduled_for` does not change."
        ),
    ] = None
    arguments: Annotated[
        dict[str, Any] | None, Field(description="Replace all of the schedule's arguments.")
    ] = None
    priority: Annotated[Priority | None, Field(description="9 is the most urgent.")] = None
    reason: Annotated[
        str | None, Field(min_length=1, max_length=500, description="For people; shown with the occurrence.")
    ] = None


class BackfillBody(Strict):
    """The body of `POST /task-schedules/{id}/backfill/`."""

    start: Annotated[Instant, Field(alias="from", description="Inclusive.")]
    end: Annotated[Instant, Field(alias="to", description="Exclusive; not in the future.")]
    pace_seconds: Annotated[
        float | None,
        Field(
            ge=0,
            le=LONGEST_PACE_SECONDS,
            description="How much later each task runs than the one before. Default 0.",
        ),
    ] = None
    dry_run: Annotated[
        bool | None, Field(description="Only show what the request would do; change nothing.")
    ] = None


def read_backfill(body: Any) -> BackfillBody:
    """Raises InvalidInput."""
    form = read_body(BackfillBody, body)
    if form.start >= form.end:
        raise InvalidInput([_not_after(form.start, form.end)])
    return form


def period_of(query: OccurrencesQuery, schedule: TaskSchedule) -> tuple[Period, Place | None]:
    """Which instants a page is taken from, and where the one before it left off. Raises InvalidInput."""
    if query.start is not None and query.end is not None and query.start > query.end:
        raise InvalidInput([_not_after(query.start, query.end, parameter=True)])
    start, end = query.start or schedule.ledger_from, query.end or LAST_INSTANT
    if query.cursor is None:
        return Period(start, end), None
    place = read_cursor(query.cursor, KEY_BYTES)
    try:
        edge = _EPOCH + int.from_bytes(place.edge, signed=True) * _MICROSECOND
        following = edge + JUST_AFTER
    except OverflowError:
        raise no_cursor() from None
    if place.backwards:
        return Period(start, min(end, edge), backwards=True), place
    return Period(max(start, following), end), place


def key_of(listed: ListedOccurrence) -> bytes:
    """The key of an occurrence in cursors."""
    return ((listed.scheduled_for - _EPOCH) // _MICROSECOND).to_bytes(KEY_BYTES, signed=True)


def _not_after(start: datetime, end: datetime, *, parameter: bool = False) -> FieldError:
    detail = f"must be after from, {instant_text(start)}, got {instant_text(end)}"
    return FieldError(("to",), "too_early", detail, parameter=parameter)


def instant_of(text: str) -> datetime:
    """The instant that a path names. Raises NotFound."""
    try:
        return _PATH_INSTANT.validate_python(_with_its_signs(text))
    except ValidationError:
        expected = "a path names an occurrence by its time, such as 2026-03-29T01:30:00Z"
        raise NotFound(f"{expected}, not by {received(text)}") from None


def _with_its_signs(text: str) -> str:
    """Clients write a space for the T, and some turn the + of an offset into one."""
    time = text[DATE_LENGTH:]
    if time.startswith(" "):
        time = f"T{time[1:]}"
    return text[:DATE_LENGTH] + time.replace(" ", "+")


def read_override(body: Any) -> OverrideBody:
    """Raises InvalidInput."""
    form = read_body(OverrideBody, body)
    given = [name for name in ("run_at", "arguments", "priority") if getattr(form, name) is not None]
    if form.skip and given:
        detail = "must be left out if skip is true: a skipped occurrence has none"
        raise InvalidInput(FieldError((name,), "conflict", detail) for name in given)
    if not form.skip and not given:
        detail = "must contain skip, or at least one of run_at, arguments and priority"
        raise InvalidInput([FieldError((), "required", detail)])
    return form


def override(form: OverrideBody, schedule: TaskSchedule, actor: Actor) -> Override:
    """What a client says of one of the schedule's occurrences. Raises InvalidInput, UnknownOperation."""
    changes: dict[str, Any] = {}
    if form.arguments is not None:
        operation = catalogue.get(schedule.operation)
        template = TemplateBody(operation=operation.name, arguments=form.arguments)
        changes["arguments"] = resolve_arguments(template, schedule.spec, actor).arguments
    if form.priority is not None:
        changes["priority"] = form.priority
    if not form.skip:
        changed = copy(schedule)
        changed.arguments = changes.get("arguments", schedule.arguments)
        changed.priority = changes.get("priority", schedule.priority)
        refuse_restricted_schedule(actor, changed)
    return Override(skip=bool(form.skip), run_at=form.run_at, changes=changes or None, reason=form.reason)


def represent(listed: ListedOccurrence) -> dict[str, Any]:
    """An occurrence as clients see it."""
    own = listed.changes or {}
    return {
        **_represent_instant(listed),
        "outcome": listed.outcome,
        "reason": listed.reason,
        "task": _represent_task(listed),
        "due_at": instant_text(listed.due_at),
        "arguments": own.get("arguments"),
        "priority": own.get("priority"),
    }


def represent_backfill(made: Backfill, *, dry_run: bool) -> dict[str, Any]:
    """What a backfill did, or would do."""
    return {
        "id": None if dry_run else str(made.id),
        "dry_run": dry_run,
        "count": len(made.created),
        "results": [
            {**_represent_instant(each), "run_at": instant_text(each.due_at), "task": _represent_task(each)}
            for each in made.created
        ],
        "left": [
            {**_represent_instant(each), "outcome": each.outcome, "task": _represent_task(each)}
            for each in made.left
        ],
    }


def _represent_instant(listed: ListedOccurrence) -> dict[str, Any]:
    return {"scheduled_for": instant_text(listed.scheduled_for), "local": listed.local.isoformat()}


def _represent_task(listed: ListedOccurrence) -> str | None:
    return None if listed.task_id is None else str(listed.task_id)
