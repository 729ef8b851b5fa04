"""What must be true of the occurrences of schedules. Pure, as the rest of the audit."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from misc.chaos.evidence import Evidence, OccurrenceRow
from misc.chaos.load import Rhythm

Check = Callable[[Evidence], Iterable[str]]


def every_schedule_is_complete(evidence: Evidence) -> Iterator[str]:
    """Each that was accepted is there and has nothing left to do."""
    found = {schedule.id: schedule.status for schedule in evidence.schedules}
    for schedule_id in evidence.customer.schedules:
        if found.get(schedule_id) != "completed":
            yield f"{schedule_id} is {found.get(schedule_id, 'gone')}"


def every_instant_is_in_the_ledger_once(evidence: Evidence) -> Iterator[str]:
    """No occurrence is missing, none is there twice: as computed from the rhythm, not from the product's rule."""
    rows = _by_schedule(evidence)
    for schedule_id, rhythm in evidence.customer.schedules.items():
        instants = rhythm.instants()
        covered = Counter(instant for row in rows[schedule_id] for instant in _covered(row, instants))
        yield from _differences(schedule_id, Counter(instants), covered)


def run_all_makes_a_task_of_each_instant(evidence: Evidence) -> Iterator[str]:
    """Under run_all nothing is left out, whatever happened, unless tasks of the schedule must not overlap."""
    rows = _by_schedule(evidence)
    for schedule_id, rhythm in evidence.customer.schedules.items():
        if (rhythm.misfire_policy, rhythm.overlap_policy) == ("run_all", "allow"):
            left_out = [row for row in rows[schedule_id] if row.outcome != "created"]
            yield from (f"{schedule_id} at {row.first}: {row.outcome}" for row in left_out)


def every_outcome_is_of_a_policy(evidence: Evidence) -> Iterator[str]:
    """What did not run was left out by what its schedule says, and nothing waits any more."""
    for row in evidence.occurrences:
        rhythm = evidence.customer.schedules.get(row.schedule_id)
        if rhythm and row.outcome not in _possible(rhythm):
            yield f"{row.schedule_id} at {row.first}: {row.outcome}"


def _possible(rhythm: Rhythm) -> set[str]:
    late = {"coalesced"} if rhythm.misfire_policy == "run_last" else set()
    overlapping = {"skipped_overlap"} if rhythm.overlap_policy != "allow" else set()
    return {"created"} | late | overlapping


def every_range_counts_what_it_covers(evidence: Evidence) -> Iterator[str]:
    """The count of a row is the number of instants from its first to its last."""
    for row in evidence.occurrences:
        rhythm = evidence.customer.schedules.get(row.schedule_id)
        if rhythm and row.size != len(_covered(row, rhythm.instants())):
            yield f"{row.schedule_id}: {row.first} to {row.last} is said to be {row.size} instants"


def every_occurrence_has_its_task(evidence: Evidence) -> Iterator[str]:
    """One that was created names a task of its own schedule and instant."""
    tasks = evidence.by_id
    for row in evidence.occurrences:
        task = tasks.get(row.task_id or "")
        known = task and (task.schedule_id, task.scheduled_for)
        if row.outcome == "created" and known != (row.schedule_id, row.first):
            yield f"{row.schedule_id} at {row.first} names {row.task_id}, which is of {known}"


def every_scheduled_task_has_its_occurrence(evidence: Evidence) -> Iterator[str]:
    """No task comes from a schedule behind the ledger's back."""
    named = Counter(row.task_id for row in evidence.occurrences if row.task_id)
    for task in evidence.tasks:
        if task.schedule_id is not None and named[task.id] != 1:
            yield f"{task.id} of {task.schedule_id} at {task.scheduled_for} is named {named[task.id]} times"


def _by_schedule(evidence: Evidence) -> dict[str, list[OccurrenceRow]]:
    rows: dict[str, list[OccurrenceRow]] = {schedule_id: [] for schedule_id in evidence.customer.schedules}
    for row in evidence.occurrences:
        rows.setdefault(row.schedule_id, []).append(row)
    return rows


def _covered(row: OccurrenceRow, instants: list[datetime]) -> list[datetime]:
    """Of the instants, those in the row; an instant of its own if it names none of them."""
    return [instant for instant in instants if row.first <= instant <= row.last] or [row.first]


def _differences(schedule_id: str, expected: Counter[datetime], found: Counter[datetime]) -> Iterator[str]:
    missing, surplus = expected - found, found - expected
    if missing:
        yield f"{schedule_id} misses {missing.total()}, from {min(missing)}"
    if surplus:
        yield f"{schedule_id} has {surplus.total()} too many, from {min(surplus)}"


OCCURRENCE_CHECKS: tuple[Check, ...] = (
    every_schedule_is_complete,
    every_instant_is_in_the_ledger_once,
    run_all_makes_a_task_of_each_instant,
    every_outcome_is_of_a_policy,
    every_range_counts_what_it_covers,
    every_occurrence_has_its_task,
    every_scheduled_task_has_its_occurrence,
)
