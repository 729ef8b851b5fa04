"""What waits in Postgres reaches the broker as room appears there, in order, whoever hands it over."""

from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from tasks_api import transitions
from tasks_api.broker.connection import Broker, BrokerAway
from tasks_api.broker.publisher import Publisher
from tasks_api.database import execute, fetch_all
from tasks_api.isolation.duties import Duty
from tasks_api.models import Task
from tasks_api.release import Released, release
from tasks_api.transitions.backlog import HOLD_SECONDS
from tasks_api.window import IDLE, SMALLEST, WINDOW
from testing.broker import Lists
from testing.concurrency import apart
from testing.factories import ago, make_node
from testing.plans import empty, readings_of
from testing.refusing import refused
from testing.windows import DUTY, closed, handed_over, ids, looked, sent, size, submit, waiting, work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("brokers_closed")]


class TestRoom:
    def test_it_works(self, broker: Lists) -> None:
        tasks = submit(IDLE + 30)
        work_off(tasks[:40], broker)
        assert handed_over() == 30
        assert sent(broker) == ids(tasks[IDLE:])
        assert closed() == {5}  # it is still nearly full

    def test_there_is_none(self, broker: Lists) -> None:
        submit(IDLE + 30)
        assert handed_over() == 0

    def test_no_more_than_there_is(self, broker: Lists) -> None:
        size(SMALLEST)
        tasks = submit(SMALLEST + 30)
        work_off(tasks[:5], broker)
        assert handed_over() == 5
        assert sent(broker) == ids(tasks[SMALLEST : SMALLEST + 5])

    def test_what_was_handed_over_counts_as_sent(self, broker: Lists) -> None:
        size(SMALLEST)
        tasks = submit(SMALLEST + 1)
        work_off(tasks[:1], broker)
        handed_over()
        last = Task.objects.get(id=tasks[-1].id)
        assert last.dispatch_count == 1
        assert last.dispatch_at is not None
        assert last.dispatch_at > ago(0)

    def test_the_most_urgent_first(self, broker: Lists) -> None:
        for priority in (0, 9, 5):
            size(1, priority)
            submit(2, priority)
        execute(
            "UPDATE task SET status = 'REVOKED', dispatch_at = NULL, finished_at = now() WHERE dispatch_count = 1",
            [],
        )
        broker.lose()
        assert handed_over() == 3
        assert [message.headers["argsrepr"] for message in broker.sent()] == [
            "add, priority 9",
            "add, priority 5",
            "add, priority 0",
        ]

    def test_the_window_opens_when_all_is_handed_over(self, broker: Lists) -> None:
        tasks = submit(IDLE + 10)
        work_off(tasks[:IDLE], broker)
        assert handed_over() == 10
        assert closed() == set()
        assert ids(submit(1))[0] in sent(broker)

    def test_one_that_filled_up_by_and_by_is_closed(self, broker: Lists) -> None:
        size(SMALLEST)
        for _ in range(SMALLEST + 1):
            submit(1)
        assert len(sent(broker)) == SMALLEST + 1
        assert handed_over() == 0
        assert closed() == {5}

    def test_an_idle_one_has_the_size_of_an_idle_one(self, broker: Lists) -> None:
        size(WINDOW)
        handed_over()
        assert {window.size for window in transitions.look()} == {IDLE}

    def test_it_grows_with_what_is_begun(self, broker: Lists) -> None:
        tasks = submit(IDLE + 1_000)
        handed_over()
        work_off(tasks[: IDLE - 10], broker)
        assert handed_over() > IDLE

    @pytest.mark.parametrize("slots", [None, 5, 50])
    def test_there_is_enough_for_all_that_work(self, broker: Lists, slots: int | None) -> None:
        make_node(slots=slots)
        make_node(slots=9, stopped_at=ago(0))
        make_node(slots=9, beat_at=ago(60))
        size(SMALLEST)
        submit(500)
        handed_over()
        [window] = [window for window in transitions.look() if not window.is_open]
        assert window.size == max(SMALLEST, 2 * (slots or 0))


class TestTwoAtOnce:
    def test_each_window_is_filled_by_one(self, broker: Lists) -> None:
        tasks = submit(IDLE + 30)
        work_off(tasks[:100], broker)
        held = transitions.hold([5])
        assert handed_over() == 0
        transitions.let_go(held)
        assert handed_over() == 30

    def test_one_that_froze_holds_nobody_up_for_long(self, broker: Lists) -> None:
        tasks = submit(IDLE + 30)
        work_off(tasks[:100], broker)
        frozen = transitions.hold([5])
        execute("UPDATE dispatch_window SET held_until = clock_timestamp() WHERE priority = 5", [])
        held = transitions.hold([5])
        assert set(held) == {5}
        transitions.let_go(frozen)
        assert transitions.hold([5]) == {}
        transitions.let_go(held)
        assert handed_over() == 30

    def test_a_statement_that_has_found_it_closed_is_not_left_behind_an_open_one(self, broker: Lists) -> None:
        tasks = submit(IDLE + 1)
        work_off(tasks[:IDLE], broker)
        with transaction.atomic():
            fetch_all("SELECT FROM dispatch_gate WHERE priority = 5 FOR SHARE", [])
            assert apart(handed_over).result(30) == 1
            assert apart(closed).result(30) == {5}
        assert handed_over() == 0
        assert closed() == set()

    @pytest.mark.parametrize("count", [1, IDLE + 1])
    def test_a_transaction_that_lasts_locks_nothing(self, broker: Lists, count: int) -> None:
        """However many it submits, whether the gate is open or closed, and whatever changes meanwhile."""
        tasks = submit(IDLE + 1)
        with transaction.atomic():
            execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", [])
            submit(count)
            apart(lambda: work_off(tasks[:IDLE], broker)).result(30)
            assert apart(handed_over).result(30) == 1
            assert apart(closed).result(30) == set()
            submit(count)
            apart(lambda: submit(IDLE + 1)).result(30)
            assert apart(closed).result(30) == {5}

    def test_a_large_set_closes_the_gate_when_it_is_committed(self, broker: Lists) -> None:
        with transaction.atomic():
            submit(IDLE + 1)
            assert closed() == set()
        assert closed() == {5}


class TestWhatGoesWrong:
    def test_a_guilty_row_costs_itself_alone(self, broker: Lists) -> None:
        tasks = submit(IDLE + 30)
        work_off(tasks[:IDLE], broker)
        duty = Duty(DUTY)
        with refused("task", f"OLD.id = '{tasks[IDLE + 1].id}'"):
            assert handed_over(duty) == 29
            assert closed() == set()
        assert duty.failure is not None

    def test_a_row_that_is_locked_goes_later(self, broker: Lists) -> None:
        tasks = submit(IDLE + 2)
        work_off(tasks[:IDLE], broker)
        with transaction.atomic():
            fetch_all("SELECT FROM task WHERE id = %s FOR UPDATE", [tasks[IDLE].id])
            assert apart(handed_over).result(30) == 1
            assert closed() == {5}
        assert handed_over() == 1

    def test_without_a_broker_it_waits_on(self, broker: Lists, broker_away: Publisher) -> None:
        tasks = waiting(2)
        with pytest.raises(BrokerAway):
            handed_over()
        assert transitions.count_sent(10) == 0
        assert len(tasks) == len(fetch_all("SELECT FROM task WHERE dispatch_at = '-infinity'", []))
        assert transitions.hold([5])

    def test_tables_that_somebody_has_emptied(self, broker: Lists) -> None:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE dispatch_window, dispatch_gate")
        waiting(1)
        assert [handed_over(), handed_over()] == [0, 1]

    def test_gates_that_somebody_has_deleted(self, broker: Lists) -> None:
        execute("DELETE FROM dispatch_gate", [])
        submit(IDLE + 1)
        handed_over()
        assert closed() == {5}

    def test_a_process_that_died_about_it_holds_nobody_up_for_long(self, broker: Lists) -> None:
        waiting(1)
        transitions.hold([5])
        [[seconds]] = fetch_all(
            "SELECT extract(epoch FROM held_until - now()) FROM dispatch_window WHERE priority = 5", []
        )
        assert seconds <= HOLD_SECONDS
        execute("UPDATE dispatch_window SET held_until = now() WHERE priority = 5", [])
        assert handed_over() == 1

    def test_one_that_goes_on_keeps_it(self, broker: Lists) -> None:
        held = transitions.hold([5, 7])
        execute("UPDATE dispatch_window SET held_until = now() - interval '1 s' WHERE priority = 7", [])
        other = transitions.hold([5, 7])
        until = held[5]
        transitions.renew(held)
        assert (set(other), set(held)) == ({7}, {5})
        assert held[5] > until


def test_what_it_costs(broker: Lists, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ours, duty = Broker(), Duty(DUTY)
    with django_assert_num_queries(1):
        assert release(ours, duty) == Released(0, 150)
    tasks = submit(IDLE + 2)
    work_off(tasks[:IDLE], broker)
    # Looking, the slots, having it for itself, looking again, taking, noting, opening, letting go.
    with django_assert_num_queries(8):
        assert release(ours, duty).count == 2
    with django_assert_num_queries(1):
        release(ours, duty)
    ours.close()


def test_no_more_is_looked_at_than_windows_hold(broker: Lists) -> None:
    empty("task")
    execute(
        "INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at,"
        " status, attempt, final_attempt, retry_when_lost, version, dispatch_count, dispatch_at, created_at)"
        " SELECT uuidv7(), 'add', '{}', 5, '{}', 1, 9, now(), 'PENDING', 0, 1, false, 0, 0, '-infinity', now()"
        "   FROM generate_series(1, 20000)",
        [],
    )
    execute("ANALYZE task", [])
    taken: list[Any] = []
    readings = readings_of(transitions.look, "task")
    readings += readings_of(lambda: taken.extend(transitions.take_next(5, 10, resend_seconds=[5])), "task")
    assert len(taken) == 10
    assert sum(reading.rows for reading in readings) <= 50
    assert {reading.index for reading in readings} <= {"task_backlog", "task_sent", "task_pkey"}


class TestNextLook:
    """Of a worker: before what is there is nearly begun."""

    def test_nothing_waits(self, broker: Lists) -> None:
        assert looked() == Released(0, IDLE * 3 // 4)

    def test_a_window_has_shrunk_meanwhile(self, broker: Lists) -> None:
        tasks = submit(IDLE + 50)
        handed_over()
        work_off(tasks[:150], broker)
        execute("UPDATE dispatch_window SET filled_at = now() - interval '4 s' WHERE priority = 5", [])
        assert looked() == Released(0, round(50 * 3 / 4), is_done=False, is_full=True)

    def test_several_workers_share_it(self, broker: Lists) -> None:
        for _ in range(5):
            make_node(slots=1)
        size(1_000)
        submit(1_001)
        assert looked() == Released(0, 1_000 * 3 // 4 // 5, is_done=False, is_full=True)

    def test_somebody_else_is_about_it(self, broker: Lists) -> None:
        submit(IDLE + 1)
        transitions.hold([5])
        assert looked() == Released(0, IDLE * 3 // 4, is_done=False)
