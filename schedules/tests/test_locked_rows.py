"""A sweep passes by a row that somebody has locked: its neighbours run, and it follows once it is free."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import fresh, tasks
from tasks_api import upkeep
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.postgres import SWEEP
from tasks_api.postgres.base import DatabaseWrapper
from testing.broker import Lists
from testing.clock import Clock
from testing.factories import ago, make_node, make_task
from testing.locks import locked_row
from testing.upkeep import due, expired, lost, old, overdue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("brokers_closed")]

NEIGHBOURS = 3


@pytest.fixture(autouse=True)
def _at_once(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a sweep does now and then, it does each time. To wait for a lock is an error, and soon."""
    for name in ("TIDY", "RESEND_CHECK", "FORGET_TASKS"):
        monkeypatch.setattr(upkeep, f"{name}_SECONDS", 0.0)
    monkeypatch.setattr(DatabaseWrapper, "process_limits", replace(SWEEP, lock=1))
    connection.close()
    yield
    connection.close()


class TestASchedule:
    def test_it_works(self, new_schedule: NewSchedule, clock: Clock) -> None:
        held, *neighbours = [new_schedule(rrule="FREQ=HOURLY") for _ in range(1 + NEIGHBOURS)]
        expired = make_task(expires_at=ago(1))
        sweeper = Sweeper()
        with locked_row(held):
            assert sweeper.sweep().created == NEIGHBOURS
            assert [len(tasks(each)) for each in neighbours] == [1] * NEIGHBOURS
            assert Task.objects.get(id=expired.id).status == Status.REVOKED
            assert tasks(held) == []
            assert sweeper.failure is None
        assert sweeper.sweep().created == 1
        [task] = tasks(held)
        assert task.scheduled_for == clock.now()
        assert fresh(held).runs_created == 1
        assert sweeper.sweep().created == 0


def on_a_dead_node() -> Task:
    return make_task(Status.STARTED)


def state(task: Task) -> tuple[Any, ...] | None:
    return Task.objects.filter(id=task.id).values_list("status", "dispatch_count", "attempt").first()


class TestATask:
    @pytest.mark.parametrize("make", [due, lost, expired, on_a_dead_node, overdue, old])
    def test_it_works(
        self, broker: Lists, new_schedule: NewSchedule, lie_idle: Callable[..., Any], make: Callable[[], Task]
    ) -> None:
        make_node(alive_since=ago(60))
        sweeper = Sweeper()
        sweeper.sweep()  # the broker is not new any more
        held, *neighbours = [make() for _ in range(1 + NEIGHBOURS)]
        before = state(held)
        schedule = new_schedule(rrule="FREQ=HOURLY")
        lie_idle(schedule, 1)
        with locked_row(held):
            assert sweeper.sweep().created == 1
            assert state(held) == before
            assert all(state(each) != before for each in neighbours)
            assert sweeper.failure is None
        sweeper.sweep()
        assert state(held) == state(neighbours[0]) != before

    def test_one_whose_message_went_with_all_others(self, broker: Lists) -> None:
        sweeper = Sweeper()
        sweeper.sweep()
        held, *neighbours = [make_task() for _ in range(1 + NEIGHBOURS)]
        broker.lose_everything()
        with locked_row(held):
            Sweeper().sweep()
            assert {message.task_id for message in broker.sent()} == {str(each.id) for each in neighbours}
        Task.objects.filter(id=held.id).update(dispatch_at=ago(1))  # what was sent is not answered in time
        Sweeper().sweep()
        assert [message.task_id for message in broker.sent()].count(str(held.id)) == 1
