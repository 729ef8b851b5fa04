"""Every statement that changes a task, from every state, against the table of transitions."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, TRANSITIONS, WAITING, Status
from tasks_api.models import Task
from testing.factories import ago, make_node, make_task, run_of

STATEMENTS: dict[str, Callable[[Task], Any]] = {
    "claim": lambda task: transitions.claim(task.id, task.priority, token=uuid4(), node=new_id()),
    "succeed": lambda task: transitions.succeed(run_of(task), "11"),
    "fail": lambda task: transitions.fail(
        run_of(task), '{"type": "test"}', retry_in=1 if task.attempt < task.final_attempt else None
    ),
    "rescue": lambda task: transitions.rescue_from_dead_nodes(10),
    "hand back": lambda task: transitions.hand_back(task.node_id or new_id()),
    "expire": lambda task: transitions.expire(10),
    "cancel": lambda task: transitions.cancel([task.id]),
    "revive": lambda task: transitions.revive([task.id]),
}
CONDITIONS: dict[str, dict[str, Any]] = {"expire": {"expires_at": ago(1)}}
"""What must be so of a task, besides its state, for the statement to concern it."""
ALSO_ASKED = {"cancel": Status.STARTED}
"""A state in which the statement leaves its mark on the row, though none on the state."""
NOT_AGAIN: list[dict[str, Any]] = [
    {"max_attempts": 1},
    {"retry_when_lost": False},
    {"cancel_requested_at": ago(1)},
]
"""What keeps a task from another try."""


@pytest.fixture
def witness(db: None) -> None:
    """A node that has been alive for long: as long as there is one, those that are silent are dead."""
    make_node(alive_since=ago(60))


def values(task: Task) -> dict[str, Any]:
    return {**Task.objects.filter(id=task.id).values().get()}


def test_every_transition_has_its_statement() -> None:
    assert STATEMENTS.keys() == TRANSITIONS.keys()


@pytest.mark.usefixtures("witness")
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", TRANSITIONS)
def test_it_changes_what_it_may_and_nothing_else(name: str, status: Status) -> None:
    task = make_task(status, **CONDITIONS.get(name, {}))
    before = values(task)
    STATEMENTS[name](task)
    transition = TRANSITIONS[name]
    if status in transition.sources:
        assert values(task)["status"] in transition.targets
    elif ALSO_ASKED.get(name) == status:
        assert values(task)["status"] == status
    else:
        assert values(task) == before


@pytest.mark.usefixtures("witness")
@pytest.mark.parametrize("name", TRANSITIONS)
def test_every_target_is_reached(name: str) -> None:
    transition = TRANSITIONS[name]
    tasks = [
        make_task(status, **changes, **CONDITIONS.get(name, {}))
        for status in transition.sources
        for changes in ({}, *NOT_AGAIN)
    ]
    for task in tasks:
        STATEMENTS[name](task)
    assert {values(task)["status"] for task in tasks} == set(transition.targets)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["claim", "succeed", "fail", "hand back", "cancel", "revive"])
def test_it_concerns_one_task_only(name: str) -> None:
    (status, *_) = TRANSITIONS[name].sources
    task, neighbour = make_task(status), make_task(status)
    before = values(neighbour)
    STATEMENTS[name](task)
    assert values(neighbour) == before


def test_what_is_final_stays_so_unless_somebody_revives_it() -> None:
    assert {name for name, each in TRANSITIONS.items() if not set(each.sources).isdisjoint(FINAL)} == {
        "revive"
    }


def test_success_is_for_ever() -> None:
    assert not any(Status.SUCCESS in transition.sources for transition in TRANSITIONS.values())


def test_every_state_is_waiting_running_or_final() -> None:
    assert {*WAITING, Status.STARTED, *FINAL} == set(Status)


def test_every_state_is_led_to_and_the_first_only_by_a_revival() -> None:
    led_to = {status for transition in TRANSITIONS.values() for status in transition.targets}
    assert led_to == set(Status)
    assert [name for name, each in TRANSITIONS.items() if Status.PENDING in each.targets] == ["revive"]
