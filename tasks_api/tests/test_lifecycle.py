"""Every statement that changes a task, from every state, against the table of transitions."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, RESEND_SECONDS, TRANSITIONS, WAITING, Status, resend_after
from tasks_api.models import Task
from tasks_api.transitions import Run
from testing.factories import ago, make_task

LEASE = 1.0
"""Shorter than the database server of the tests has been up."""


def run_of(task: Task) -> Run:
    """What a worker that runs (or ran) this task knows."""
    return Run(task.id, task.run_token or uuid4(), task.operation, task.arguments, task.attempt, None)


STATEMENTS: dict[str, Callable[[Task], Any]] = {
    "claim": lambda task: transitions.claim(task.id, task.priority, token=uuid4(), node=new_id()),
    "succeed": lambda task: transitions.succeed(run_of(task), "11"),
    "fail": lambda task: transitions.fail(run_of(task), '{"type": "test"}'),
    "rescue": lambda task: transitions.rescue_from_dead_nodes(10, lease_seconds=LEASE),
    "expire": lambda task: transitions.expire(10),
}
CONDITIONS: dict[str, dict[str, Any]] = {"expire": {"expires_at": ago(1)}}
"""What must be so of a task, besides its state, for the statement to concern it."""


def values(task: Task) -> dict[str, Any]:
    return {**Task.objects.filter(id=task.id).values().get()}


def test_every_transition_has_its_statement() -> None:
    assert STATEMENTS.keys() == TRANSITIONS.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", TRANSITIONS)
def test_it_changes_what_it_may_and_nothing_else(name: str, status: Status) -> None:
    task = make_task(status, **CONDITIONS.get(name, {}))
    before = values(task)
    STATEMENTS[name](task)
    transition = TRANSITIONS[name]
    if status in transition.sources:
        assert values(task)["status"] in transition.targets
    else:
        assert values(task) == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", TRANSITIONS)
def test_every_target_is_reached(name: str) -> None:
    transition = TRANSITIONS[name]
    tasks = [
        make_task(status, max_attempts=max_attempts, **CONDITIONS.get(name, {}))
        for status in transition.sources
        for max_attempts in (1, 3)
    ]
    for task in tasks:
        STATEMENTS[name](task)
    assert {values(task)["status"] for task in tasks} == set(transition.targets)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["claim", "succeed", "fail"])
def test_it_concerns_one_task_only(name: str) -> None:
    (status, *_) = TRANSITIONS[name].sources
    task, neighbour = make_task(status), make_task(status)
    before = values(neighbour)
    STATEMENTS[name](task)
    assert values(neighbour) == before


def test_what_is_final_stays_so() -> None:
    assert all(set(transition.sources).isdisjoint(FINAL) for transition in TRANSITIONS.values())


def test_every_state_is_waiting_running_or_final() -> None:
    assert {*WAITING, Status.STARTED, *FINAL} == set(Status)


def test_every_state_but_the_first_is_led_to() -> None:
    led_to = {status for transition in TRANSITIONS.values() for status in transition.targets}
    assert led_to == set(Status) - {Status.PENDING}


@pytest.mark.parametrize(
    ("times_sent", "seconds"), [(1, 5), (2, 20), (3, 80), (4, 320), (5, 600), (6, 600), (1_000, 600)]
)
def test_messages_are_sent_again_less_and_less_often(times_sent: int, seconds: int) -> None:
    assert resend_after(times_sent) == seconds
    assert list(RESEND_SECONDS) == sorted(RESEND_SECONDS)
