"""What `/task-schedules/` answers: schedules as clients see them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rest.cpu_budget import CpuBudget
from rest.json import instant_text
from schedules import ledger
from schedules.api.forms import as_body
from schedules.api.warnings import warnings_about
from schedules.models import TaskSchedule
from schedules.occurrences.upcoming import coming
from schedules.planning import Entry
from schedules.recurrence import RecurrenceError, Rule, describe

UPCOMING = 5
BUDGET_SECONDS = 0.25
"""Of CPU, for the instants to come of all; most need a tenth of it. Where it is spent, others tell one each."""


def represent(schedule: TaskSchedule) -> dict[str, Any]:
    """One schedule."""
    return represent_all([schedule])[0]


def represent_all(schedules: Sequence[TaskSchedule]) -> list[dict[str, Any]]:
    """Schedules, with one statement for what is known of their future, however many they are."""
    known = ledger.known([schedule.id for schedule in schedules]) if schedules else {}
    budget = CpuBudget(BUDGET_SECONDS)
    return [
        represent_known(schedule, known.get(schedule.id, {}), upcoming=1 if budget.is_spent() else UPCOMING)
        for schedule in schedules
    ]


def represent_known(
    schedule: TaskSchedule, known: Mapping[datetime, Entry], *, upcoming: int = UPCOMING
) -> dict[str, Any]:
    """A schedule of whose future so much is `known`, as `ledger.known` tells it. No statement is sent."""
    rule = rule_of(schedule)
    instants = coming(schedule, rule, known, upcoming) if rule else []
    return {
        "id": str(schedule.id),
        **as_body(schedule),
        "status": schedule.status,
        "error": schedule.error,
        "paused_reason": schedule.paused_reason,
        "paused_until": instant_text(schedule.paused_until),
        "next_run_at": instant_text(instants[0]) if instants else None,
        "last_run_at": instant_text(schedule.last_run_at),
        "runs_created": schedule.runs_created,
        "runs_remaining": schedule.runs_remaining,
        "upcoming": occurrences(rule, instants),
        "description": _described(schedule),
        "warnings": warnings_about(schedule, rule),
        "ledger_from": instant_text(schedule.ledger_from),
        "created_by": schedule.created_by,
        "created_at": instant_text(schedule.created_at),
        "updated_at": instant_text(schedule.updated_at),
    }


def occurrences(rule: Rule | None, instants: Sequence[datetime]) -> list[dict[str, str | None]]:
    """Instants in UTC and as the clock on the wall shows them. Without a rule there are none."""
    if rule is None:
        return []
    return [{"at": instant_text(at), "local": at.astimezone(rule.zone).isoformat()} for at in instants]


def rule_of(schedule: TaskSchedule) -> Rule | None:
    """The stored rule; None for one that could be read once and cannot now, as in a zone that is gone."""
    try:
        return schedule.rule
    except RecurrenceError:
        return None


def _described(schedule: TaskSchedule) -> str | None:
    """The rule in plain English; None where it can be read no more."""
    try:
        return describe(schedule.spec)
    except RecurrenceError:
        return None
