"""The newest file of a name, in the arguments of an occurrence: which one it is when its task is made."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from operations import catalogue
from operations.files import Newest
from operations.files.references import found
from schedules.models import TaskSchedule
from schedules.planning import Decision, InstantSource, Outcome, Plan
from schedules.recurrence import Rule
from schedules.template.placeholders import render
from schedules.template.tasks import moments_of
from tasks_api.found_files import NewestFiles


def without_files(
    schedule: TaskSchedule, rule: Rule, asked: InstantSource, made: Plan, newest: NewestFiles
) -> Plan:
    """The plan, in which an occurrence is skipped for which there is no file, if its arguments say so.

    Costs nothing where the operation takes no files. Raises UnknownOperation.
    """
    if not made.created or not catalogue.get(schedule.operation).takes_files:
        return made
    decisions = [_decided(each, schedule, rule, asked, newest) for each in made.decisions]
    if decisions == list(made.decisions):
        return made
    goes_on = made.is_complete and made.next_run_at is not None
    return replace(
        made,
        decisions=decisions,
        # It was complete because of tasks that are not made after all.
        is_complete=made.is_complete and not goes_on,
        look_at=made.next_run_at if goes_on else made.look_at,
    )


def _decided(
    decision: Decision, schedule: TaskSchedule, rule: Rule, asked: InstantSource, newest: NewestFiles
) -> Decision:
    if decision.outcome is not Outcome.CREATED:
        return decision
    changes = (decision.entry and decision.entry.changes) or {}
    [moments] = moments_of(asked, [decision.first])
    arguments = render(changes.get("arguments", schedule.arguments), moments, rule.zone)
    for wanted in _skipping(arguments):
        if newest.find(wanted) is None:
            return replace(decision, outcome=Outcome.SKIPPED_NO_FILE, reason=f"there was no {wanted}")
    return decision


def _skipping(arguments: Any) -> Sequence[Newest]:
    means = [reference.means for reference in found(arguments)]
    return [each for each in means if isinstance(each, Newest) and each.if_none == "skip"]
