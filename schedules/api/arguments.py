"""Arguments with placeholders, checked before they are stored: at no occurrence may they be found wrong."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from access.actor import Actor
from access.refusals import refuse_restricted
from operations.definition import MAX_ARGUMENTS_BYTES
from rest.json import dump
from rest.problems import FieldError, InputTooLarge, InvalidInput
from schedules.actions.editing import with_phase
from schedules.models import TaskSchedule
from schedules.recurrence import RecurrenceError, Rule, RuleSpec, parse
from schedules.template.placeholders import Moments, faults, has_any, largest, render
from tasks_api.api.template import TOO_LARGE, TaskTemplate, TemplateBody, resolve
from tasks_api.database import database_now
from tasks_api.found_files import FoundFiles
from values.wording import quoted

SAMPLES = (
    datetime(2031, 12, 23, 22, 45, 36, tzinfo=UTC),
    datetime(2032, 2, 3, 4, 5, 6, tzinfo=UTC),  # 02 can be a month, and is no number
)
STEP = timedelta(days=1)
LONG_AGO = datetime(1000, 1, 1, tzinfo=UTC)
LATE = datetime(9000, 1, 1, tzinfo=UTC)
"""A rule without an instant before the one has a first instant; without one after the other, a last."""


def resolve_arguments(body: TemplateBody, spec: RuleSpec, actor: Actor) -> TaskTemplate:
    """As `resolve`, for tasks of a rule: the arguments may have placeholders, and keep them.

    With these replaced, by sample instants in the rule's zone, they are what the operation takes. Raises
    InvalidInput, and RecurrenceError for a rule that cannot be read.

    What the actor is restricted to must hold for them both as they are written and with samples: what only some
    instants would satisfy is not let pass.
    """
    arguments = body.arguments
    files = FoundFiles(actor.project_id, arguments, is_template=True)
    if not arguments or not has_any(arguments):
        template = resolve(body, files)
        _refuse_restricted(actor, template)
        return template
    _refuse_faults(arguments)
    _refuse_too_large(arguments)
    rule = parse(with_phase(spec, database_now()))
    for moments in _samples(rule):
        template = _resolved(body, arguments, render(arguments, moments, rule.zone), files)
        _refuse_restricted(actor, template)
    template = replace(template, arguments=arguments)
    _refuse_restricted(actor, template)
    return template


def _refuse_restricted(actor: Actor, template: TaskTemplate) -> None:
    refuse_restricted(actor, template.operation, template.arguments, template.priority)


def refuse_restricted_to(actor: Actor, schedule_id: UUID) -> None:
    """The same, of a schedule that is not read yet. Raises KeyRestricted, TaskSchedule.DoesNotExist."""
    if actor.restrictions.concern_tasks:
        schedule = TaskSchedule.objects.get(id=schedule_id, project_id=actor.project_id)
        refuse_restricted_schedule(actor, schedule)


def refuse_restricted_schedule(actor: Actor, schedule: TaskSchedule) -> None:
    """For what lets a schedule that is there bring about tasks. Raises KeyRestricted."""
    if not actor.restrictions.concern_tasks:
        return
    arguments = schedule.arguments
    zone = ZoneInfo(schedule.timezone)
    samples = [Moments(sample, sample - STEP, sample + STEP) for sample in SAMPLES]
    for each in (arguments, *(render(arguments, moments, zone) for moments in samples)):
        refuse_restricted(actor, schedule.operation, each, schedule.priority)


def _refuse_faults(arguments: dict[str, Any]) -> None:
    found = [FieldError(("arguments", *fault.path), fault.code, fault.detail) for fault in faults(arguments)]
    if found:
        raise InvalidInput(found)


def _refuse_too_large(arguments: dict[str, Any]) -> None:
    size = max(len(dump(arguments)), len(dump(largest(arguments))))
    if size > MAX_ARGUMENTS_BYTES:
        detail = (
            f"must have at most {MAX_ARGUMENTS_BYTES} bytes as JSON, got up to {size} with its placeholders"
        )
        raise InputTooLarge([FieldError(("arguments",), TOO_LARGE, detail)])


def _samples(rule: Rule) -> Iterator[Moments]:
    """Moments as they will come, and last those of a rule's first and last instant if it has such."""
    for sample in SAMPLES:
        yield Moments(sample, sample - STEP, sample + STEP)
    before, after = SAMPLES[0] - STEP, SAMPLES[0] + STEP
    yield Moments(SAMPLES[0], None if _has_first(rule) else before, None if _has_last(rule) else after)


def _has_first(rule: Rule) -> bool:
    with suppress(RecurrenceError):  # given up: it may have none
        return rule.previous(LONG_AGO) is None
    return True


def _has_last(rule: Rule) -> bool:
    with suppress(RecurrenceError):
        return rule.next(LATE) is None
    return True


def _resolved(
    body: TemplateBody, written: dict[str, Any], rendered: dict[str, Any], files: FoundFiles
) -> TaskTemplate:
    """What is wrong with a value names the text that it came from."""
    try:
        return resolve(body.model_copy(update={"arguments": rendered}), files)
    except InvalidInput as error:
        raise type(error)(_explained(found, written, rendered) for found in error.errors) from None


def _explained(error: FieldError, written: dict[str, Any], rendered: dict[str, Any]) -> FieldError:
    text, value = (_at(arguments, error.location[1:]) for arguments in (written, rendered))
    if not isinstance(text, str) or "{{" not in text:
        return error
    is_told = value is None or quoted(value) in error.detail
    where = "" if is_told else f" in {quoted(value)}"
    return replace(error, detail=f"{error.detail}{where} from {quoted(text)}")


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    """The value at a path; None where it leads nowhere, as to a field that is required."""
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return value
