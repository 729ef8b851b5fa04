"""What a user may not have meant: sentences beside a schedule that is valid all the same."""

from collections.abc import Iterator

from django.conf import settings

from operations import UnknownOperation, catalogue
from schedules.actions.editing import accepted
from schedules.models import TaskSchedule
from schedules.planning import MisfirePolicy, OverlapPolicy
from schedules.recurrence import RecurrenceError, Rule


def warnings_about(schedule: TaskSchedule, rule: Rule | None) -> list[str]:
    """Each a sentence. `rule`: the schedule's; None if it can be read no more."""
    if rule is None:
        return ["the rule can no longer be read, so nothing comes of it until an edit mends it"]
    return [
        *rule.warnings,
        *_about_interval(schedule),
        *_about_operation(schedule),
        *_about_lateness(schedule),
        *_about_overlap(schedule),
    ]


def _about_interval(schedule: TaskSchedule) -> Iterator[str]:
    try:
        accepted(schedule.spec)
    except RecurrenceError as error:
        yield f"the rule would not be accepted today, and goes on because it is older: {error.detail}"


def _about_operation(schedule: TaskSchedule) -> Iterator[str]:
    try:
        catalogue.get(schedule.operation)
    except UnknownOperation:
        yield f"the operation {schedule.operation} no longer exists, so the next task cannot be created"


def _about_lateness(schedule: TaskSchedule) -> Iterator[str]:
    grace = settings.MISFIRE_GRACE_SECONDS
    window = schedule.catchup_window_seconds
    skips = schedule.misfire_policy == MisfirePolicy.SKIP
    if schedule.run_at is not None and skips:
        yield f"misfire_policy skip: if nobody sweeps within {grace:g} seconds of run_at, it never runs"
    if window is None:
        return
    if schedule.run_at is not None:
        yield "catchup_window_seconds has no effect on run_at, which is never lost to it"
    elif skips:
        yield "catchup_window_seconds has no effect with misfire_policy skip, which makes no task of what is late"
    elif window < grace:
        yield f"catchup_window_seconds counts as {grace:g}: nothing swept within that time is late"


def _about_overlap(schedule: TaskSchedule) -> Iterator[str]:
    overlap = schedule.overlap_policy
    if overlap == OverlapPolicy.ALLOW or schedule.run_at is not None:
        return
    if schedule.misfire_policy == MisfirePolicy.RUN_ALL:
        yield _RUN_ALL[OverlapPolicy(overlap)]
    if schedule.jitter_seconds:
        yield (
            f"a task that jitter_seconds makes wait has not ended, so overlap_policy {overlap} counts it as running"
        )


_RUN_ALL = {
    OverlapPolicy.SKIP: "misfire_policy run_all with overlap_policy skip: of occurrences that are caught up at once, "
    "the first runs and the others are skipped",
    OverlapPolicy.QUEUE_ONE: "misfire_policy run_all with overlap_policy queue_one: of occurrences that are caught "
    "up at once, the first runs, the second is queued, and the others are skipped",
    OverlapPolicy.CANCEL_RUNNING: "misfire_policy run_all with overlap_policy cancel_running: of occurrences that "
    "are caught up at once, each stops the one before, and only the last runs to its end",
}
