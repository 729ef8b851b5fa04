"""The audit finds nothing in a healthy run, and exactly the right thing in one that is broken in one way."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from access.audit.chain import BEGINNING, COLUMNS, Head, Link, continued
from misc.chaos.audit import CHECKS, audit
from misc.chaos.evidence import (
    AttemptRow,
    Chain,
    Customer,
    Evidence,
    GateRow,
    OccurrenceRow,
    ScheduleRow,
    TaskRow,
    Try,
)
from misc.chaos.ledger import BEGUN, DONE, Line
from misc.chaos.load import Rhythm
from misc.chaos.occurrences import OCCURRENCE_CHECKS
from misc.chaos.traces import TRACE_CHECKS

BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ALL = Rhythm(BEGIN, interval=2, count=3, misfire_policy="run_all")
LAST = Rhythm(BEGIN, interval=5, count=4, misfire_policy="run_last")

Damage = Callable[[Evidence], None]


def task(task_id: str, **other: Any) -> TaskRow:
    plain = TaskRow(
        id=task_id,
        operation="chaos.quick",
        arguments={"number": 4},
        tags=["batch 1"],
        status="SUCCESS",
        attempt=1,
        max_attempts=3,
        final_attempt=3,
        retry_when_lost=True,
        result=13,
        error=None,
        cancel_asked=False,
        schedule_id=None,
        scheduled_for=None,
    )
    return plain._replace(**other)


def unsuccessful(task_id: str, status: str, **other: Any) -> TaskRow:
    return task(task_id, status=status, result=None, **other)


def work(task_id: str, attempt: int = 1, *marks: str) -> list[Line]:
    return [Line(task_id, attempt, 77, mark, 0.0) for mark in marks or (BEGUN, DONE)]


def scheduled(schedule_id: str, instant: datetime) -> tuple[TaskRow, OccurrenceRow, list[Line]]:
    task_id = f"{schedule_id} {instant:%S}"
    row = task(task_id, tags=[], schedule_id=schedule_id, scheduled_for=instant)
    return row, OccurrenceRow(schedule_id, instant, instant, 1, "created", task_id), work(task_id)


ONCE = {"operation": "chaos.once", "max_attempts": 1, "final_attempt": 1, "retry_when_lost": False}
CUSTOMER = Customer(
    accepted={"batch 1": ["plain", "repeated", "doomed", "once", "lost", "revoked", "stopped"]},
    doubtful={"batch 2": 1, "batch 3": 5},
    revoked={"revoked": 0},
    asked={"stopped"},
    cancelled={"revoked", "stopped"},
    schedules={"all": ALL, "last": LAST},
)
TASKS = [
    task("plain"),
    task("repeated", attempt=3, operation="chaos.flaky"),
    unsuccessful("doomed", "FAILURE", operation="chaos.doomed"),
    task("once", **ONCE),
    unsuccessful("lost", "FAILURE", error={"type": "lost"}, **ONCE),
    unsuccessful("revoked", "REVOKED", attempt=0, cancel_asked=True),
    unsuccessful("stopped", "REVOKED", cancel_asked=True),
    task("doubtful", tags=["batch 2"]),
]
ATTEMPTS = [
    AttemptRow("repeated", 1, "failed"),
    AttemptRow("repeated", 2, "lost"),
    AttemptRow("doomed", 1, "failed"),
    AttemptRow("lost", 1, "lost"),
    AttemptRow("stopped", 1, "cancelled"),
]
COALESCED = OccurrenceRow("last", LAST.instants()[0], LAST.instants()[1], 2, "coalesced", None)
GATES = [GateRow(priority, is_open=True, waiting=0) for priority in range(10)]
SCHEDULES = [ScheduleRow("all", "completed"), ScheduleRow("last", "completed")]
LINES = [
    *work("plain"),
    *work("repeated", 1, BEGUN),
    *work("repeated", 2, BEGUN),
    *work("repeated", 3),
    *work("doomed", 1, BEGUN),
    *work("once"),
    *work("lost", 1, BEGUN),
    *work("stopped", 1, BEGUN),
    *work("doubtful"),
]
EVENTS = [
    {**dict.fromkeys(COLUMNS), "id": task_id, "project_id": 1, "action": "task.cancel", "target_id": task_id}
    for task_id in ("revoked", "stopped")
]
LINKS = [
    Link(number, hash_of, UUID(int=number), event)
    for (number, hash_of), event in zip(continued(0, BEGINNING, EVENTS), EVENTS, strict=True)
]
CHAINS = [Chain(1, Head(1, BEGINNING, 2, LINKS[-1].hash), LINKS)]
VICTIMS = {Try("repeated", 2), Try("lost", 1)}


def healthy() -> Evidence:
    """A little of everything."""
    evidence = deepcopy(
        Evidence(CUSTOMER, TASKS, ATTEMPTS, [COALESCED], SCHEDULES, GATES, CHAINS, 0, LINES, VICTIMS)
    )
    for schedule_id, instants in (("all", ALL.instants()), ("last", LAST.instants()[2:])):
        for instant in instants:
            row, occurrence, lines = scheduled(schedule_id, instant)
            evidence.tasks.append(row)
            evidence.occurrences.append(occurrence)
            evidence.lines += lines
    return evidence


def change(task_id: str, **values: Any) -> Damage:
    def damage(evidence: Evidence) -> None:
        evidence.tasks = [row._replace(**values) if row.id == task_id else row for row in evidence.tasks]

    return damage


def change_attempt(task_id: str, **values: Any) -> Damage:
    def damage(evidence: Evidence) -> None:
        rows = evidence.attempts
        evidence.attempts = [row._replace(**values) if row.task_id == task_id else row for row in rows]

    return damage


def forget_attempt(evidence: Evidence) -> None:
    evidence.attempts = [row for row in evidence.attempts if row.task_id != "doomed"]


def invent(evidence: Evidence) -> None:
    evidence.tasks.append(task("invented", tags=[]))
    evidence.lines += work("invented")


def lose_task(evidence: Evidence) -> None:
    evidence.tasks = [row for row in evidence.tasks if row.id != "revoked"]


def halve_batch(evidence: Evidence) -> None:
    evidence.customer.doubtful["batch 2"] = 2


def add_lines(*lines: Line) -> Damage:
    return lambda evidence: evidence.lines.extend(lines)


def do_nothing_for_it(evidence: Evidence) -> None:
    evidence.lines = [line for line in evidence.lines if line.task_id != "plain"]


def notice_no_victim(evidence: Evidence) -> None:
    evidence.victims.add(Try("plain", 1))


def repeat_once(evidence: Evidence) -> None:
    change("once", attempt=2, final_attempt=2, max_attempts=2)(evidence)
    evidence.attempts.append(AttemptRow("once", 1, "lost"))
    evidence.lines += work("once", 2)


def leave_in_backlog(evidence: Evidence) -> None:
    evidence.gates[3] = GateRow(3, is_open=True, waiting=1)


def leave_gate_closed(evidence: Evidence) -> None:
    evidence.gates[3] = GateRow(3, is_open=False, waiting=0)


def leave_schedule(evidence: Evidence) -> None:
    evidence.schedules[0] = ScheduleRow("all", "active")


def lose_occurrence(evidence: Evidence) -> None:
    """With its task, as if it had never been."""
    evidence.occurrences = [row for row in evidence.occurrences if row.task_id != "all 07"]
    evidence.tasks = [row for row in evidence.tasks if row.id != "all 07"]
    evidence.lines = [line for line in evidence.lines if line.task_id != "all 07"]


def double_occurrence(evidence: Evidence) -> None:
    """With another task, as if two had swept it."""
    row, occurrence, lines = scheduled("all", BEGIN)
    evidence.tasks.append(row._replace(id="second"))
    evidence.occurrences.append(occurrence._replace(task_id="second"))
    evidence.lines += [line._replace(task_id="second") for line in lines]


def invent_occurrence(evidence: Evidence) -> None:
    row, occurrence, lines = scheduled("last", BEGIN + timedelta(seconds=11))
    evidence.tasks.append(row)
    evidence.occurrences.append(occurrence)
    evidence.lines += lines


def leave_out(evidence: Evidence) -> None:
    lose_occurrence(evidence)
    instant = BEGIN + timedelta(seconds=2)
    evidence.occurrences.append(OccurrenceRow("all", instant, instant, 1, "coalesced", None))


def leave_waiting(evidence: Evidence) -> None:
    evidence.occurrences[0] = evidence.occurrences[0]._replace(outcome="queued")


def miscount(evidence: Evidence) -> None:
    evidence.occurrences[0] = evidence.occurrences[0]._replace(size=3)


def lose_task_of_occurrence(evidence: Evidence) -> None:
    evidence.tasks = [row for row in evidence.tasks if row.id != "all 07"]
    evidence.lines = [line for line in evidence.lines if line.task_id != "all 07"]


def add_task_behind_the_ledgers_back(evidence: Evidence) -> None:
    evidence.tasks.append(task("behind", schedule_id="all", scheduled_for=BEGIN))
    evidence.lines += work("behind")


def forge_event(evidence: Evidence) -> None:
    chain = evidence.chains[0]
    chain.links[0] = replace(chain.links[0], event={**EVENTS[0], "actor_name": "another"})


def fork_chain(evidence: Evidence) -> None:
    """As if two had gone on from the same place."""
    evidence.chains[0].links.append(evidence.chains[0].links[1])


def cut_chain(evidence: Evidence) -> None:
    evidence.chains[0].links.pop()
    evidence.customer.cancelled.remove("stopped")


def leave_unsealed(evidence: Evidence) -> None:
    evidence.unsealed = 1


def cancel_without_a_trace(evidence: Evidence) -> None:
    evidence.customer.cancelled.add("plain")


DAMAGES: list[tuple[str, Damage]] = [
    ("every_accepted_task_is_there", lose_task),
    ("doubtful_batches_are_whole_or_absent", halve_batch),
    ("nothing_was_made_up", invent),
    ("every_task_is_final", change("revoked", status="RETRY", cancel_asked=False)),
    ("nothing_waits_for_room", leave_in_backlog),
    ("every_gate_is_open", leave_gate_closed),
    ("every_failed_try_is_recorded", forget_attempt),
    ("every_failed_try_is_recorded", change_attempt("doomed", number=2)),
    ("nobody_tries_too_often", change("repeated", max_attempts=2)),
    ("nobody_tries_too_often", change("repeated", final_attempt=2)),
    ("every_line_is_of_a_known_try", add_lines(*work("nobody"))),
    ("every_line_is_of_a_known_try", add_lines(*work("plain", 2))),
    ("every_try_ran_once", add_lines(*work("plain"))),
    ("every_repetition_is_explained", change_attempt("repeated", outcome="cancelled")),
    ("every_result_is_right", change("plain", result=14)),
    ("every_result_is_right", change("lost", result=13)),
    ("every_result_was_worked_for", do_nothing_for_it),
    ("every_failure_has_its_reason", change("plain", operation="chaos.doomed")),
    ("every_failure_has_its_reason", change("lost", final_attempt=2, max_attempts=2, error={"type": "x"})),
    ("what_must_not_repeat_did_not", repeat_once),
    ("cancelled_means_cancelled", change("revoked", attempt=1)),
    ("cancelled_means_cancelled", change("stopped", status="FAILURE", attempt=1, final_attempt=1)),
    ("nothing_else_was_cancelled", change("revoked", cancel_asked=False)),
    ("every_victim_is_recorded", notice_no_victim),
    ("every_schedule_is_complete", leave_schedule),
    ("every_instant_is_in_the_ledger_once", lose_occurrence),
    ("every_instant_is_in_the_ledger_once", double_occurrence),
    ("every_instant_is_in_the_ledger_once", invent_occurrence),
    ("run_all_makes_a_task_of_each_instant", leave_out),
    ("every_outcome_is_of_a_policy", leave_waiting),
    ("every_range_counts_what_it_covers", miscount),
    ("every_occurrence_has_its_task", lose_task_of_occurrence),
    ("every_scheduled_task_has_its_occurrence", add_task_behind_the_ledgers_back),
    ("every_chain_is_intact", forge_event),
    ("every_chain_is_intact", fork_chain),
    ("every_chain_is_intact", cut_chain),
    ("every_event_is_sealed", leave_unsealed),
    ("every_cancellation_left_an_event", cancel_without_a_trace),
]
ENTAILED = {
    # What was revoked and waits again is also no longer cancelled; a try too many is also one without a record.
    ("every_task_is_final", "cancelled_means_cancelled"),
    ("cancelled_means_cancelled", "every_failed_try_is_recorded"),
    ("run_all_makes_a_task_of_each_instant", "every_outcome_is_of_a_policy"),
}
"""What cannot be broken without breaking something else."""


def red(evidence: Evidence) -> set[str]:
    return {finding.check for finding in audit(evidence)}


def test_a_healthy_run_is_green() -> None:
    assert audit(healthy()) == []


@pytest.mark.parametrize(("check", "damage"), DAMAGES)
def test_each_damage_turns_its_own_check_red(check: str, damage: Damage) -> None:
    evidence = healthy()
    damage(evidence)
    found = red(evidence)
    assert check in found
    assert {(check, other) for other in found - {check}} <= ENTAILED


def test_each_check_is_seen_to_fail() -> None:
    names = {check.__name__ for check in (*CHECKS, *OCCURRENCE_CHECKS, *TRACE_CHECKS)}
    assert names == {check for check, _ in DAMAGES}
