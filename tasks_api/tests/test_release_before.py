"""The release before at work on this one's tables: beside its processes, and after it was taken back."""

from uuid import uuid4

import pytest

from tasks_api import transitions
from tasks_api.database import execute, fetch_one
from tasks_api.lifecycle import RESEND_SECONDS, Status
from tasks_api.models import Task
from tasks_api.window import IDLE
from testing import release_before as before
from testing.broker import Lists
from testing.factories import make_node
from testing.windows import closed, handed_over, ids, sent, submit, work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("brokers_closed", "broker")]


def backlog(count: int, priority: int = 5) -> list[Task]:
    """So many tasks that wait for room in the broker, where a window is full."""
    return submit(IDLE + count, priority)[IDLE:]


def test_it_hands_over_all_that_waits_for_room() -> None:
    others, urgent = backlog(3), backlog(2, priority=9)
    assert before.take_due() == [task.id for task in (*urgent, *others)]
    assert before.take_due() == []


def test_what_waits_is_not_lost_to_it() -> None:
    backlog(3)
    assert fetch_one(before.COUNT_SENT_SQL, []) == (IDLE,)
    assert fetch_one(before.ANY_OVERDUE_SQL, []) is None


def test_its_beat_does_not_sweep_without_end_for_what_waits() -> None:
    [task], token = backlog(1), uuid4()
    execute("DELETE FROM task WHERE id <> %s", [task.id])
    assert fetch_one(before.NEXT_DUE_SQL, []) == (None,)
    assert before.claim(task.id, token)


def test_after_a_loss_it_hands_over_everything() -> None:
    waiting = backlog(3)
    execute(before.FORGET_SENT_SQL, None)
    taken = before.take_due()
    assert len(taken) == IDLE + 3
    assert taken[IDLE:] == [task.id for task in waiting]


def test_each_runs_what_the_other_made_and_once() -> None:
    [ours], [theirs] = submit(1), before.insert(1)
    assert before.claim(ours.id, uuid4())
    assert not transitions.claim(ours.id, 5, token=uuid4(), node=make_node().id)
    assert transitions.claim(theirs, 5, token=uuid4(), node=make_node().id)
    assert not before.claim(theirs, uuid4())


def test_its_worker_ends_what_has_waited() -> None:
    [task], token = backlog(1), uuid4()
    assert before.claim(task.id, token)
    assert before.change(before.SUCCEED_SQL, id=task.id, token=token)
    task.refresh_from_db()
    assert (task.status, task.result) == (Status.SUCCESS, 3)


def test_what_waits_is_changed_and_cancelled() -> None:
    changed, cancelled = backlog(2)
    assert before.change(before.EDIT_SQL, id=changed.id, priority=9)
    assert before.change(before.CANCEL_SQL, id=cancelled.id)
    assert before.take_due() == [changed.id]
    assert Task.objects.get(id=cancelled.id).status == Status.REVOKED


class TestAGateThatItLeavesClosed:
    """It knows of none, and opens none."""

    def test_its_tasks_count_as_sent(self) -> None:
        backlog(1)
        before.insert(1)
        assert closed() == {5}
        assert next(window.sent for window in transitions.look() if window.priority == 5) == IDLE + 1

    def test_it_is_opened_when_nothing_waits_any_more(self, broker: Lists) -> None:
        tasks = submit(IDLE + 1)
        before.take_due()
        work_off(tasks, broker)
        handed_over()
        assert closed() == set()
        assert ids(submit(1))[0] in sent(broker)


def test_what_it_leaves_due_is_handed_over() -> None:
    before.insert(1, delay="1 h")
    [again], token = before.insert(1), uuid4()
    assert before.claim(again, token)
    assert before.change(before.AGAIN_SQL, id=again, token=token)
    taken = transitions.take_due(10, resend_seconds=RESEND_SECONDS)
    assert [message.task_id for message in taken] == [again]
