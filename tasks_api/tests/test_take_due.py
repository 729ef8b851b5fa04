"""Which waiting tasks are handed to the broker, in which order, and how often."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from tasks_api import submission, transitions
from tasks_api.broker.messages import Message
from tasks_api.database import database_now, fetch_all
from tasks_api.lifecycle import RESEND_SECONDS, WAITING, Status
from tasks_api.models import Task
from tasks_api.submission import NewTask
from testing.concurrency import apart
from testing.factories import ago, make_task


def take(limit: int = 10) -> list[Message]:
    return transitions.take_due(limit, resend_seconds=RESEND_SECONDS)


def take_lost(limit: int = 10) -> list[Message]:
    return transitions.take_lost(limit, resend_seconds=RESEND_SECONDS)


def never_sent(**changes: Any) -> Task:
    fields: dict[str, Any] = {"dispatch_at": ago(1), "dispatch_count": 0} | changes
    return make_task(**fields)


def ids(found: list[Message]) -> list[Any]:
    return [message.task_id for message in found]


@pytest.mark.django_db
class TestTakeDue:
    def test_it_works(self) -> None:
        task = never_sent(priority=7)
        assert take() == [Message(task.id, "calculate", 7, 30)]
        assert take() == []

    def test_the_most_urgent_come_first_and_the_oldest_of_these(self) -> None:
        tasks = [never_sent(priority=priority) for priority in (5, 9, 0, 5, 9)]
        order = [tasks[index].id for index in (1, 4, 0, 3, 2)]
        assert ids(take()) == order

    def test_so_many_at_a_time(self) -> None:
        tasks = [never_sent(priority=priority) for priority in (0, 5, 9)]
        assert [ids(take(2)), ids(take(2))] == [[tasks[2].id, tasks[1].id], [tasks[0].id]]

    def test_only_when_its_time_has_come(self) -> None:
        never_sent(dispatch_at=ago(-86_400))
        assert take() == []

    def test_one_that_is_to_be_tried_again(self) -> None:
        task = make_task(Status.RETRY)
        assert ids(take()) == [task.id]

    @pytest.mark.parametrize("status", [each for each in Status if each not in WAITING])
    @pytest.mark.parametrize("taken", [take, take_lost])
    def test_what_does_not_wait_is_not_sent(self, status: Status, taken: Callable[[], list[Message]]) -> None:
        make_task(status)
        assert taken() == []

    def test_what_was_sent_is_not_sent_first(self) -> None:
        sent, new = make_task(dispatch_at=ago(1)), never_sent()
        assert ids(take_lost()) == [sent.id]
        assert ids(take()) == [new.id]


@pytest.mark.django_db
class TestBackOff:
    @pytest.mark.parametrize(
        ("times_sent", "seconds"), [(0, 5), (1, 20), (2, 80), (3, 320), (4, 600), (5, 600), (32_000, 600)]
    )
    def test_it_works(self, times_sent: int, seconds: int) -> None:
        task = make_task(dispatch_at=ago(1), dispatch_count=times_sent)
        before = datetime.now(UTC)
        assert take() if times_sent == 0 else take_lost()
        after = datetime.now(UTC)
        task.refresh_from_db()
        assert task.dispatch_at is not None
        assert before <= task.dispatch_at - timedelta(seconds=seconds) <= after
        assert task.dispatch_count == times_sent + 1

    def test_a_count_never_grows_too_large(self) -> None:
        task = make_task(dispatch_at=ago(1), dispatch_count=32_767)
        assert take_lost()
        task.refresh_from_db()
        assert task.dispatch_count == 32_001


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_share_the_work() -> None:
    tasks = [never_sent() for _ in range(4)]
    with transaction.atomic():
        mine = ids(take(2))
        others = ids(apart(take).result(30))
    assert mine == [task.id for task in tasks[:2]]
    assert others == [task.id for task in tasks[2:]]


def return_sent_before(moment: datetime, limit: int = 10) -> int:
    return transitions.return_sent_before(moment, limit, resend_seconds=RESEND_SECONDS)


def waiting_for_room() -> set[UUID]:
    return {row[0] for row in fetch_all("SELECT id FROM task WHERE dispatch_at = '-infinity'", [])}


@pytest.mark.django_db
class TestReturnSentBefore:
    def test_it_works(self) -> None:
        tasks = [make_task(priority=5), make_task(Status.RETRY, priority=9, dispatch_count=3)]
        moment = ago(0)
        assert return_sent_before(moment) == 2
        assert waiting_for_room() == {task.id for task in tasks}
        assert return_sent_before(moment) == 0

    def test_it_counts_as_never_sent(self) -> None:
        task = make_task(dispatch_count=4)
        return_sent_before(ago(0))
        task.refresh_from_db()
        assert task.dispatch_count == 0

    @pytest.mark.parametrize("times_sent", [1, 2, 3, 4, 5, 6, 32_001])
    def test_what_was_sent_since_is_left_alone(self, times_sent: int) -> None:
        """However often it was sent: how long it waits for an answer depends on that."""
        make_task(dispatch_at=ago(1), dispatch_count=times_sent - 1)
        began = ago(0)
        assert take() if times_sent == 1 else take_lost()
        assert return_sent_before(began) == 0
        assert return_sent_before(ago(0)) == 1

    def test_no_more_than_so_many_at_a_time(self) -> None:
        for priority in (0, 9, 5):
            make_task(priority=priority)
        moment = ago(0)
        assert [return_sent_before(moment, 2) for _ in range(2)] == [2, 1]

    def test_what_was_never_sent_keeps_its_time(self) -> None:
        never_sent(dispatch_at=ago(-86_400))
        assert return_sent_before(ago(0)) == 0
        assert take() == []

    @pytest.mark.parametrize("status", [each for each in Status if each not in WAITING])
    def test_what_does_not_wait_is_left_alone(self, status: Status) -> None:
        make_task(status)
        assert return_sent_before(ago(0)) == 0


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_as_it_was_created_was_sent_then() -> None:
    began = database_now()
    submission.insert([NewTask(operation="calculate", arguments={}, max_attempts=1, timeout_seconds=1)])
    assert return_sent_before(began) == 0
    assert return_sent_before(database_now()) == 1
