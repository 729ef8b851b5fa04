"""`POST /task-schedules/preview/`: what a rule means, before there is a schedule."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from rest.cpu_budget import CpuBudget
from rest.input import Instant, read_body
from rest.json import instant_text
from schedules.actions.editing import accepted, first_instant, with_phase
from schedules.api import forms
from schedules.api.answers import MOST_PREVIEWED
from schedules.recurrence import RecurrenceError, Rule, describe

DEFAULT_COUNT = 10
BUDGET_SECONDS = 0.5
"""Of CPU, for all occurrences together. Most rules need a hundredth of it."""
FIRST_PHASE, LAST_PHASE = datetime(1, 2, 1, tzinfo=UTC), datetime(9999, 12, 1, tzinfo=UTC)


class PreviewBody(forms.RuleBody):
    """The body of `POST /task-schedules/preview/`: the fields of a rule alone, and how much of it to show."""

    after: Annotated[Instant | None, Field(description="Show instants after this. Default: now.")] = None
    count: Annotated[
        int | None,
        Field(
            ge=1, le=MOST_PREVIEWED, description=f"The most occurrences to return. Default {DEFAULT_COUNT}."
        ),
    ] = None


def preview(body: Any, clock: Callable[[], datetime]) -> dict[str, Any]:
    """The answer to a body. Without `after` it is what a schedule created now would do, refusals included.

    Asks `clock` only where the body does not name `after`. Raises InvalidInput, RecurrenceError.
    """
    form = read_body(PreviewBody, body)
    after = clock() if form.after is None else form.after
    spec = with_phase(form.spec, min(max(after, FIRST_PHASE), LAST_PHASE))
    rule = accepted(spec)
    if form.after is None:
        first_instant(rule, spec, after)
    found, warnings = occurrences(
        rule, after, form.count or DEFAULT_COUNT, CpuBudget(BUDGET_SECONDS).is_spent
    )
    return {
        "occurrences": [_occurrence(rule, at) for at in found],
        "description": describe(spec),
        "warnings": [*rule.warnings, *warnings],
    }


def occurrences(
    rule: Rule, after: datetime, count: int, is_spent: Callable[[], bool]
) -> tuple[list[datetime], list[str]]:
    """The first instants after a moment: all that are asked for, or at least one and a warning."""
    found: list[datetime] = []
    while len(found) < count:
        if found and is_spent():
            return found, [_warn_of_fewer(found, count)]
        try:
            at = rule.next(found[-1] if found else after)
        except RecurrenceError:
            if not found:
                raise
            return found, [_warn_of_fewer(found, count)]
        if at is None:
            break
        found.append(at)
    return found, []


def _warn_of_fewer(found: list[datetime], count: int) -> str:
    return (
        f"only {len(found)} of {count} occurrences are told: they are so far apart that it takes long to find them; "
        f"for more, ask again with after {instant_text(found[-1])}"
    )


def _occurrence(rule: Rule, at: datetime) -> dict[str, str | None]:
    return {
        "at": instant_text(at),
        "local": at.astimezone(rule.zone).isoformat(),
        "note": rule.note(at),
    }
