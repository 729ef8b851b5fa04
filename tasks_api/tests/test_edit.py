"""Changing a task while it waits. Messages of before do no harm."""

from typing import Any

import pytest

from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import RESEND_SECONDS, WAITING, Status
from tasks_api.models import Task
from tasks_api.transitions import Edit, Run
from testing.factories import ago, make_task

pytestmark = pytest.mark.django_db


def claim(task: Task, priority: int) -> Run | None:
    return transitions.claim(task.id, priority, token=new_id(), node=new_id())


def due() -> list[tuple[Any, int]]:
    """What the sweep hands over: id and priority."""
    messages = transitions.take_due(10, resend_seconds=RESEND_SECONDS)
    return [(message.task_id, message.priority) for message in messages]


def fresh(task: Task) -> Task:
    return Task.objects.get(id=task.id)


class TestPriority:
    @pytest.mark.parametrize("status", WAITING)
    @pytest.mark.parametrize("priority", [0, 9])
    def test_messages_of_before_are_void(self, status: Status, priority: int) -> None:
        task = make_task(status, priority=5)
        assert transitions.edit(task.id, Edit(priority=priority))
        assert claim(task, 5) is None
        assert claim(task, priority)

    def test_it_is_handed_over_anew(self) -> None:
        task = make_task(priority=5)
        transitions.edit(task.id, Edit(priority=9))
        assert due() == [(task.id, 9)]

    def test_but_not_before_its_time(self) -> None:
        task = make_task(priority=5, run_at=ago(-3_600), dispatch_at=ago(-3_600), dispatch_count=0)
        transitions.edit(task.id, Edit(priority=9))
        assert due() == []
        assert fresh(task).dispatch_at == task.run_at

    def test_and_back_again(self) -> None:
        task = make_task(priority=5)
        transitions.edit(task.id, Edit(priority=9))
        transitions.edit(task.id, Edit(priority=5))
        assert claim(task, 9) is None
        assert [bool(claim(task, 5)) for _ in range(2)] == [True, False]

    def test_the_least_urgent_is_not_none(self) -> None:
        task = make_task(priority=5)
        transitions.edit(task.id, Edit(priority=0))
        assert fresh(task).priority == 0


class TestTime:
    @pytest.mark.parametrize("status", WAITING)
    def test_later(self, status: Status) -> None:
        task, later = make_task(status), ago(-3_600)
        assert transitions.edit(task.id, Edit(run_at=later))
        assert claim(task, task.priority) is None
        assert due() == []
        assert (fresh(task).run_at, fresh(task).dispatch_at) == (later, later)

    @pytest.mark.parametrize("status", WAITING)
    def test_earlier(self, status: Status) -> None:
        task = make_task(status, run_at=ago(-3_600), dispatch_at=ago(-3_600), dispatch_count=0)
        assert transitions.edit(task.id, Edit(run_at=ago(1)))
        assert due() == [(task.id, task.priority)]
        assert claim(task, task.priority)


class TestTags:
    def test_it_works(self) -> None:
        task = make_task(tags=["a"])
        assert transitions.edit(task.id, Edit(tags=["b", "c"]))
        assert fresh(task).tags == ["b", "c"]

    def test_its_message_is_still_good(self) -> None:
        task = make_task()
        transitions.edit(task.id, Edit(tags=["b"]))
        assert due() == []
        assert (fresh(task).dispatch_at, fresh(task).dispatch_count) == (task.dispatch_at, 1)
        assert claim(task, task.priority)

    def test_all_may_go(self) -> None:
        task = make_task(tags=["a"])
        transitions.edit(task.id, Edit(tags=[]))
        assert fresh(task).tags == []


def test_it_changes_nothing_else() -> None:
    task = make_task(tags=["a"])
    before = Task.objects.values().get()
    transitions.edit(task.id, Edit(tags=["b"]))
    assert Task.objects.values().get() == {**before, "tags": ["b"], "version": before["version"] + 1}


def test_all_at_once() -> None:
    task, later = make_task(tags=["a"]), ago(-3_600)
    transitions.edit(task.id, Edit(priority=9, run_at=later, tags=["b"]))
    found = fresh(task)
    assert (found.priority, found.run_at, found.tags) == (9, later, ["b"])


@pytest.mark.parametrize("status", [each for each in Status if each not in WAITING])
def test_what_does_not_wait_stays(status: Status) -> None:
    task = make_task(status)
    before = Task.objects.values().get()
    assert not transitions.edit(task.id, Edit(priority=9))
    assert Task.objects.values().get() == before


def test_an_unknown_task() -> None:
    assert not transitions.edit(new_id(), Edit(priority=9))
