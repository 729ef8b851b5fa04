"""The sweep's share: what waits reaches the broker, and is not sent over and over."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api.broker.connection import Broker
from tasks_api.broker.publisher import Publisher
from tasks_api.database import execute
from tasks_api.isolation.interval import Interval
from tasks_api.lifecycle import Status
from tasks_api.models import Task, WorkerNode
from tasks_api.retention import BATCH, MOST_BATCHES, forget_old_nodes
from tasks_api.upkeep import Done, Upkeep
from testing.broker import Lists
from testing.factories import ago, make_node, make_task, message_of

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = Done()


@pytest.fixture
def seasoned(broker: Lists) -> Lists:
    """A broker that has been in use: upkeep knows that it was not emptied."""
    Upkeep().run()
    return broker


def overdue(**changes: Any) -> Task:
    """A task whose message was sent so long ago that it may be lost."""
    return make_task(**{"dispatch_at": ago(1)} | changes)


def publish(*tasks: Task) -> None:
    broker = Broker()
    broker.publish([message_of(task) for task in tasks])
    broker.close()


def sent(broker: Lists) -> list[Any]:
    return [message.task_id for message in broker.sent()]


def ids(*tasks: Task) -> list[str]:
    return [str(task.id) for task in tasks]


class TestDispatch:
    def test_it_works(self, seasoned: Lists) -> None:
        task = make_task(dispatch_at=ago(0), dispatch_count=0)
        assert Upkeep().run() == Done(dispatched=1)
        assert sent(seasoned) == ids(task)

    def test_in_order_of_priority_and_age(self, seasoned: Lists) -> None:
        tasks = [make_task(dispatch_at=ago(0), dispatch_count=0, priority=p) for p in (5, 9, 0, 5)]
        assert Upkeep().run().dispatched == 4
        assert sent(seasoned) == ids(tasks[1], tasks[0], tasks[3], tasks[2])

    def test_so_many_in_one_sweep_and_the_rest_in_the_next(
        self, seasoned: Lists, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tasks_api.upkeep.MOST_HANDED_OVER", 3)
        tasks = [make_task(dispatch_at=ago(0), dispatch_count=0) for _ in range(7)]
        upkeep = Upkeep()
        assert [upkeep.run().dispatched for _ in range(4)] == [3, 3, 1, 0]
        assert sent(seasoned) == ids(*tasks)

    def test_what_is_expired_is_not_sent(self, seasoned: Lists) -> None:
        make_task(dispatch_at=ago(0), dispatch_count=0, expires_at=ago(0))
        assert Upkeep().run() == Done(expired=1)
        assert sent(seasoned) == []

    def test_without_a_broker_what_is_due_goes_on_waiting(self, broker_away: Publisher) -> None:
        task = make_task(dispatch_at=ago(0), dispatch_count=0)
        assert Upkeep().run() == NOTHING
        task.refresh_from_db()
        assert (task.status, task.dispatch_count) == (Status.PENDING, 0)


class TestRestraint:
    """A long queue is healthy: its messages wait, as its tasks do."""

    def test_it_works(self, seasoned: Lists) -> None:
        tasks = [overdue() for _ in range(10)]
        publish(*tasks)
        assert Upkeep().run() == NOTHING
        assert sent(seasoned) == ids(*tasks)

    def test_as_many_as_are_missing_are_sent_again_the_most_urgent_first(self, seasoned: Lists) -> None:
        tasks = [overdue(priority=priority) for priority in (0, 5, 9, 7)]
        publish(*tasks[:2])
        assert Upkeep().run() == Done(resent=2)
        assert sent(seasoned) == ids(tasks[2], tasks[3], tasks[1], tasks[0])

    def test_messages_of_another_priority_stand_for_none_of_this(self, seasoned: Lists) -> None:
        """Such as those of tasks that were cancelled, which nobody takes while more urgent ones wait."""
        cancelled = [make_task(Status.REVOKED, priority=0) for _ in range(3)]
        publish(*cancelled)
        urgent, other = overdue(priority=9), overdue(priority=4)
        assert Upkeep().run() == Done(resent=2)
        assert sent(seasoned) == ids(urgent, other, *cancelled)

    def test_all_if_all_are_missing(self, seasoned: Lists) -> None:
        tasks = [overdue() for _ in range(3)]
        assert Upkeep().run() == Done(resent=3)
        assert sent(seasoned) == ids(*tasks)

    def test_not_before_its_time(self, seasoned: Lists) -> None:
        make_task()
        assert Upkeep().run() == NOTHING
        assert sent(seasoned) == []

    def test_one_that_runs_needs_no_message(self, seasoned: Lists) -> None:
        make_task(Status.STARTED, node_id=make_node(beat_at=ago(-86_400)).id)
        waiting = overdue()
        publish(waiting)
        assert Upkeep().run() == NOTHING

    def test_it_asks_only_now_and_then(self, seasoned: Lists) -> None:
        upkeep = Upkeep()
        assert upkeep.run() == NOTHING
        overdue()
        assert upkeep.run() == NOTHING
        assert Upkeep().run() == Done(resent=1)


class TestEmptiedBroker:
    def test_it_works(self, seasoned: Lists) -> None:
        tasks = [make_task(priority=priority) for priority in (0, 5, 9)]
        publish(*tasks)
        seasoned.lose_everything()
        assert Upkeep().run() == Done(dispatched=3)
        assert sent(seasoned) == ids(*reversed(tasks))

    def test_it_is_noticed_once(self, seasoned: Lists) -> None:
        make_task()
        seasoned.lose_everything()
        assert [Upkeep().run().dispatched for _ in range(2)] == [1, 0]

    def test_a_queue_that_was_emptied_by_work_is_none(self, seasoned: Lists) -> None:
        publish(make_task())
        seasoned.lose()
        assert Upkeep().run() == NOTHING

    def test_what_waits_for_its_time_goes_on_waiting(self, seasoned: Lists) -> None:
        make_task(run_at=ago(-86_400), dispatch_at=ago(-86_400), dispatch_count=0)
        seasoned.lose_everything()
        assert Upkeep().run() == NOTHING

    def test_a_new_broker_is_an_empty_one(self, broker: Lists) -> None:
        task = make_task()
        assert Upkeep().run() == Done(dispatched=1)
        assert sent(broker) == ids(task)


class TestBudget:
    def test_it_works(
        self,
        seasoned: Lists,
        django_assert_num_queries: DjangoAssertNumQueries,
        django_assert_max_num_queries: DjangoAssertNumQueries,
        nothing_ended: None,
    ) -> None:
        upkeep = Upkeep()
        with django_assert_num_queries(19):
            # 1 to 3 every half second
            # 1. UPDATE task ... WHERE expires_at <= ...
            # 2. UPDATE task ... WHERE status = 'STARTED' AND NOT EXISTS (a node that lives)
            # 3. UPDATE task ... WHERE status = 'STARTED' AND deadline_at < ...
            # 4. UPDATE task ... WHERE dispatch_at <= ... AND dispatch_count = 0
            # 5. SELECT ... FROM dispatch_window: is there anything to be handed over?
            # 6. SELECT EXISTS (a message that may be lost), every 5 seconds
            # 7. DELETE FROM worker_node, every minute
            # 8 to 10. DELETE FROM task ... WHERE status = (each final one) AND finished_at < ..., every 5 seconds
            # 11. DELETE FROM idempotency_key, every minute
            # 12. SELECT ... FROM roll_up_progress: is there anything to be rolled up? Every 10 seconds
            # 13. SELECT ... FROM roll_up_progress: is it to be thinned out? Every minute
            # 14. SELECT ... FROM audit_unsealed, every 5 seconds
            # 15. SELECT ... FROM audit_seal WHERE sealed_at < ..., every minute
            # 16. DELETE FROM file ... WHERE expires_at < ..., every minute
            # 17. DELETE FROM file ... WHERE draft_of IS NOT NULL, every minute
            # 18. UPDATE file_content ... WHERE touched_at < ..., every minute
            # 19. SELECT ... FROM file_part WHERE created_at < ..., every minute
            assert upkeep.run() == NOTHING
        with django_assert_max_num_queries(5):
            # 4 and 5 from above, and 1 to 3 where this machine is slow
            assert upkeep.run() == NOTHING


class TestOldNodes:
    def test_they_are_forgotten_unless_they_left_a_task(self, seasoned: Lists) -> None:
        make_node(beat_at=ago(100_000))
        of_use, young = make_node(beat_at=ago(100_000)), make_node()
        # It has just begun, so its node has its lease.
        make_task(Status.STARTED, node_id=of_use.id, started_at=ago(-86_400))
        Upkeep().run()
        assert set(WorkerNode.objects.values_list("id", flat=True)) == {of_use.id, young.id}

    def test_so_many_in_one_sweep_and_the_rest_in_the_next(
        self, seasoned: Lists, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        many = BATCH * MOST_BATCHES
        execute(
            "INSERT INTO worker_node (id, role, name, beat_at) "
            "SELECT uuidv7(), 'worker', 'old', now() - interval '2 days' FROM generate_series(1, %s)",
            [many + 1],
        )
        with django_assert_num_queries(MOST_BATCHES):
            assert forget_old_nodes() == many
        with django_assert_num_queries(1):
            assert forget_old_nodes() == 1


class TestPublish:
    def test_it_works(self, seasoned: Lists) -> None:
        task = make_task()
        Upkeep().publish([message_of(task)])
        assert sent(seasoned) == ids(task)

    def test_without_a_broker_it_is_no_error(self, broker_away: Publisher) -> None:
        Upkeep().publish([message_of(make_task())])


class TestInterval:
    def test_it_works(self) -> None:
        interval = Interval(3_600)
        assert [interval.has_come() for _ in range(3)] == [True, False, False]

    def test_it_comes_again(self) -> None:
        interval = Interval(0)
        assert [interval.has_come() for _ in range(3)] == [True, True, True]
