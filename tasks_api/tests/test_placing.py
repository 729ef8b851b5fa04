"""Which tasks pass to the broker as they come, and which wait in Postgres for room there."""

import pytest

from tasks_api import submission, transitions
from tasks_api.postgres import json_sets
from tasks_api.submission import NewTask
from tasks_api.window import IDLE
from testing.broker import Lists
from testing.factories import ago, make_task
from testing.windows import closed, handed_over, ids, sent, size, submit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("brokers_closed")]


def test_the_oldest_of_more_than_there_is_room_for(broker: Lists) -> None:
    tasks = submit(IDLE + 3)
    assert sent(broker) == ids(tasks[:IDLE])
    assert closed() == {5}


def test_each_priority_has_a_window_of_its_own(broker: Lists) -> None:
    submit(IDLE + 1)
    urgent = submit(2, priority=9)
    assert sent(broker)[:2] == ids(urgent)
    assert closed() == {5}


def test_nobody_passes_where_an_older_one_waits(broker: Lists) -> None:
    tasks = submit(IDLE + 1)
    submit(1)
    assert sent(broker) == ids(tasks[:IDLE])


def test_one_whose_time_comes_waits_behind_them(broker: Lists) -> None:
    submit(IDLE + 1)
    broker.lose()
    make_task(dispatch_at=ago(0), dispatch_count=0)
    assert transitions.take_due(10, resend_seconds=[5]) == []
    assert closed() == {5}


def test_of_many_whose_time_comes_at_once_no_more_than_there_is_room_for(broker: Lists) -> None:
    size(2)
    tasks = [make_task(dispatch_at=ago(0), dispatch_count=0) for _ in range(3)]
    taken = transitions.take_due(10, resend_seconds=[5])
    assert [message.task_id for message in taken] == [task.id for task in tasks[:2]]
    assert handed_over() == 1  # a window is never that small


def test_what_is_to_run_later_needs_no_room(broker: Lists) -> None:
    size(1)
    later = [
        NewTask(operation="add", arguments={}, max_attempts=1, timeout_seconds=9, run_at=ago(-9))
        for _ in range(3)
    ]
    submission.submit(later)
    assert closed() == set()


def test_a_set_in_several_statements_passes_as_one(broker: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_sets, "MOST_CHARACTERS", 1)
    monkeypatch.setattr(json_sets, "ENCODED_TOGETHER", 3)
    size(4)
    tasks = submit(8)
    assert sent(broker) == ids(tasks[:4])
    assert closed() == {5}
    urgent = submit(2, priority=9)
    assert sent(broker)[:2] == ids(urgent)
