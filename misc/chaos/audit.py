"""What must be true when all is quiet again. Pure: every check reads the evidence and names what is wrong."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from misc.chaos.evidence import Evidence, TaskRow, Try
from misc.chaos.ledger import BEGUN, DONE
from misc.chaos.occurrences import OCCURRENCE_CHECKS
from misc.chaos.operations import answer
from misc.chaos.traces import TRACE_CHECKS

Check = Callable[[Evidence], Iterable[str]]

FINAL = ("SUCCESS", "FAILURE", "REVOKED")
REASONS_TO_REPEAT = ("lost", "timeout", "failed", "interrupted")
ENDS_OF_VICTIMS = ("lost", "timeout", "interrupted", "cancelled")


class Finding(NamedTuple):
    """Something that must not be."""

    check: str
    text: str


def audit(evidence: Evidence) -> list[Finding]:
    """All that is wrong; empty if nothing is."""
    return [
        Finding(check.__name__, text)
        for check in (*CHECKS, *OCCURRENCE_CHECKS, *TRACE_CHECKS)
        for text in check(evidence)
    ]


def every_accepted_task_is_there(evidence: Evidence) -> Iterator[str]:
    """What was answered with 202 exists."""
    known = evidence.by_id.keys()
    for tag, ids in evidence.customer.accepted.items():
        yield from (f"{task_id} of {tag} was accepted and is gone" for task_id in ids if task_id not in known)


def doubtful_batches_are_whole_or_absent(evidence: Evidence) -> Iterator[str]:
    """What got no answer was done as a whole, or not at all."""
    sizes = Counter(chain.from_iterable(task.tags for task in evidence.tasks))
    for tag, size in evidence.customer.doubtful.items():
        if sizes[tag] not in (0, size):
            yield f"{tag} has {sizes[tag]} of its {size} tasks"


def nothing_was_made_up(evidence: Evidence) -> Iterator[str]:
    """Every task was asked for, by a batch or by a schedule."""
    accepted = set(chain.from_iterable(evidence.customer.accepted.values()))
    for task in evidence.tasks:
        doubtful = evidence.customer.doubtful.keys() & set(task.tags)
        if task.schedule_id is None and task.id not in accepted and not doubtful:
            yield f"{task.id} was never asked for"


def every_task_is_final(evidence: Evidence) -> Iterator[str]:
    """Nothing waits, nothing runs."""
    return (f"{task.id} is {task.status}" for task in evidence.tasks if task.status not in FINAL)


def nothing_waits_for_room(evidence: Evidence) -> Iterator[str]:
    """Nobody was forgotten in the backlog."""
    return (f"{gate.waiting} of priority {gate.priority} wait" for gate in evidence.gates if gate.waiting)


def every_gate_is_open(evidence: Evidence) -> Iterator[str]:
    """Where nothing waits, tasks pass to the broker as they come."""
    return (f"that of priority {gate.priority} is closed" for gate in evidence.gates if not gate.is_open)


def every_failed_try_is_recorded(evidence: Evidence) -> Iterator[str]:
    """Tries count from 1 without a gap; each has its record, but for the one that succeeded."""
    recorded: dict[str, list[int]] = {task.id: [] for task in evidence.tasks}
    for row in evidence.attempts:
        recorded.setdefault(row.task_id, []).append(row.number)
    for task in evidence.tasks:
        tries = task.attempt - (task.status == "SUCCESS")
        if sorted(recorded[task.id]) != list(range(1, tries + 1)):
            yield f"{task.id}, {task.status} after {task.attempt} tries, has records of {recorded[task.id]}"


def nobody_tries_too_often(evidence: Evidence) -> Iterator[str]:
    """At most `max_attempts` tries, and one more for each that a stopping worker handed back."""
    handed_back = Counter(row.task_id for row in evidence.attempts if row.outcome == "interrupted")
    for task in evidence.tasks:
        allowed = task.max_attempts + handed_back[task.id]
        if not task.attempt <= task.final_attempt <= allowed:
            yield f"{task.id} was tried {task.attempt} times; {task.final_attempt} stored, {allowed} allowed"


def every_line_is_of_a_known_try(evidence: Evidence) -> Iterator[str]:
    """Nobody worked at what the database does not know of."""
    tries = {task.id: task.attempt for task in evidence.tasks}
    for line in evidence.lines:
        if not 1 <= line.attempt <= tries.get(line.task_id, 0):
            yield f"process {line.pid} worked at try {line.attempt} of {line.task_id}, which is none"


def every_try_ran_once(evidence: Evidence) -> Iterator[str]:
    """No try was begun, or done, by two."""
    marks = Counter((line.task_id, line.attempt, line.mark) for line in evidence.lines)
    return (f"{mark[0]}: try {mark[1]} was {mark[2]} {n} times" for mark, n in marks.items() if n > 1)


def every_repetition_is_explained(evidence: Evidence) -> Iterator[str]:
    """Whoever worked again had a recorded reason."""
    last = {task.id: task.attempt for task in evidence.tasks}
    outcomes = evidence.outcomes
    for done in _tries_in_ledger(evidence, BEGUN):
        outcome = outcomes.get(done, "not recorded")
        if done.attempt < last.get(done.task_id, 0) and outcome not in REASONS_TO_REPEAT:
            yield f"{done.task_id} was repeated after try {done.attempt}, which is {outcome}"


def every_result_is_right(evidence: Evidence) -> Iterator[str]:
    """A result is what the operation makes of its arguments; without success there is none."""
    for task in evidence.tasks:
        expected = answer(task.arguments["number"]) if task.status == "SUCCESS" else None
        if task.result != expected:
            yield f"{task.id}, {task.status}, has the result {task.result!r} instead of {expected!r}"


def every_result_was_worked_for(evidence: Evidence) -> Iterator[str]:
    """The attempt that succeeded did its work."""
    done = _tries_in_ledger(evidence, DONE)
    for task in evidence.tasks:
        if task.status == "SUCCESS" and Try(task.id, task.attempt) not in done:
            yield f"{task.id} succeeded in try {task.attempt}, which never did its work"


def every_failure_has_its_reason(evidence: Evidence) -> Iterator[str]:
    """A task fails when it is doomed, or when its attempts are used up, or when it was lost and may not be repeated."""
    for task in evidence.tasks:
        doomed = task.operation == "chaos.doomed"
        if task.status == "SUCCESS" and doomed:
            yield f"{task.id} succeeded, which it cannot"
        if task.status == "FAILURE" and not (doomed or _is_used_up(task)):
            yield f"{task.id} failed after {task.attempt} of {task.final_attempt} tries: {task.error}"


def what_must_not_repeat_did_not(evidence: Evidence) -> Iterator[str]:
    """An operation that is not idempotent was begun once."""
    begun = Counter(each.task_id for each in _tries_in_ledger(evidence, BEGUN))
    for task in evidence.tasks:
        if task.operation == "chaos.once" and begun[task.id] > 1:
            yield f"{task.id} was begun {begun[task.id]} times"


def cancelled_means_cancelled(evidence: Evidence) -> Iterator[str]:
    """What was revoked at once stays so, untouched; what ran ends as REVOKED, unless it succeeded before."""
    tasks = evidence.by_id
    for task_id, tries in evidence.customer.revoked.items():
        task = tasks.get(task_id)
        if task and (task.status, task.attempt) != ("REVOKED", tries):
            yield f"{task_id}, cancelled after {tries} tries, is {task.status} after {task.attempt}"
    for task_id in evidence.customer.asked:
        if task_id in tasks and tasks[task_id].status not in ("REVOKED", "SUCCESS"):
            yield f"{task_id}, cancelled while it ran, is {tasks[task_id].status}"


def nothing_else_was_cancelled(evidence: Evidence) -> Iterator[str]:
    """Nobody is REVOKED without a request."""
    for task in evidence.tasks:
        if task.status == "REVOKED" and not task.cancel_asked:
            yield f"{task.id} is REVOKED, and nobody asked for it: {task.error}"


def every_victim_is_recorded(evidence: Evidence) -> Iterator[str]:
    """An attempt ended from outside is recorded as that: a fault that nobody noticed is a hole in the checks."""
    outcomes = evidence.outcomes
    for victim in sorted(evidence.victims):
        outcome = outcomes.get(victim, "not recorded")
        if outcome not in ENDS_OF_VICTIMS:
            yield f"try {victim.attempt} of {victim.task_id} was killed, but is {outcome}"


def _tries_in_ledger(evidence: Evidence, mark: str) -> set[Try]:
    return {Try(line.task_id, line.attempt) for line in evidence.lines if line.mark == mark}


def _is_used_up(task: TaskRow) -> bool:
    cut_off = (task.error or {}).get("type") in ("lost", "interrupted")
    return task.attempt >= task.final_attempt or (cut_off and not task.retry_when_lost)


CHECKS: tuple[Check, ...] = (
    every_accepted_task_is_there,
    doubtful_batches_are_whole_or_absent,
    nothing_was_made_up,
    every_task_is_final,
    nothing_waits_for_room,
    every_gate_is_open,
    every_failed_try_is_recorded,
    nobody_tries_too_often,
    every_line_is_of_a_known_try,
    every_try_ran_once,
    every_repetition_is_explained,
    every_result_is_right,
    every_result_was_worked_for,
    every_failure_has_its_reason,
    what_must_not_repeat_did_not,
    cancelled_means_cancelled,
    nothing_else_was_cancelled,
    every_victim_is_recorded,
)
