"""A broker that lost everything gets it back, whoever notices it and goes on with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api import refill, transitions
from tasks_api.broker.connection import Broker
from tasks_api.broker.publisher import Publisher
from tasks_api.isolation.duties import Duty
from tasks_api.models import Task
from tasks_api.refill import Refill
from tasks_api.transitions import claim
from tasks_api.upkeep import Done, Upkeep
from tasks_api.window import IDLE
from testing.broker import Lists
from testing.factories import ago, make_node, make_task, message_of
from testing.refusing import refused
from testing.stack import PROJECT
from testing.web import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("brokers_closed")]

SHARE = 4


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, broker: Lists) -> None:
    """A broker that has been in use, of which little is taken back in one sweep."""
    monkeypatch.setattr(refill, "CHUNK", SHARE)
    Upkeep().run()


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweeper asks the broker, and looks for lost messages, in every sweep."""
    monkeypatch.setattr(refill, "ASK_SECONDS", 0)
    monkeypatch.setattr("tasks_api.upkeep.RESEND_CHECK_SECONDS", 0)


def sent_ids(broker: Lists) -> list[str]:
    return [message.task_id for message in broker.sent()]


def ids(tasks: Sequence[Task]) -> list[str]:
    return [str(task.id) for task in tasks]


def lost(broker: Lists, count: int = 3 * SHARE) -> list[Task]:
    """Tasks that were handed over a while ago, and a broker without their messages."""
    tasks = [make_task(dispatch_at=ago(1), dispatch_count=1 + n % 6) for n in range(count)]
    broker.lose_everything()
    return tasks


@pytest.mark.usefixtures("always")
class TestTakenBack:
    def test_it_works(self, broker: Lists) -> None:
        """In one sweep, and in as many statements as it takes."""
        tasks, upkeep = lost(broker), Upkeep()
        assert upkeep.run().dispatched == len(tasks)
        assert sent_ids(broker) == ids(tasks)
        assert upkeep.run() == Done()

    def test_no_more_than_a_window_is_sent(self, broker: Lists) -> None:
        tasks = lost(broker, IDLE + SHARE)
        upkeep = Upkeep()
        assert upkeep.run().dispatched == IDLE
        assert sent_ids(broker) == ids(tasks)[:IDLE]

    def test_the_most_urgent_first(self, broker: Lists) -> None:
        tasks = [make_task(priority=priority) for priority in (0, 9, 5)]
        broker.lose_everything()
        Upkeep().run()
        assert sent_ids(broker) == ids([tasks[1], tasks[2], tasks[0]])

    def test_what_was_sent_after_it_was_noticed_is_not_sent_again(self, broker: Lists) -> None:
        """By requests, and by a sweep."""
        tasks, upkeep = lost(broker), Upkeep()
        upkeep.run()
        requested = make_task()
        upkeep.publish([message_of(requested)])
        due = make_task(dispatch_at=ago(0), dispatch_count=0)
        for _ in range(4):
            upkeep.run()
        assert sorted(sent_ids(broker)) == sorted(ids([*tasks, requested, due]))

    def test_what_is_claimed_meanwhile_is_left_alone(self, broker: Lists) -> None:
        tasks, upkeep = lost(broker), Upkeep()
        assert claim(tasks[-1].id, 5, token=tasks[0].id, node=make_node().id)
        for _ in range(4):
            upkeep.run()
        assert sent_ids(broker) == ids(tasks[:-1])

    def test_the_broker_is_emptied_once_more_meanwhile(self, broker: Lists) -> None:
        tasks, upkeep = lost(broker), Upkeep()
        upkeep.run()
        broker.lose_everything()
        for _ in range(5):
            upkeep.run()
        assert sorted(sent_ids(broker)) == sorted(ids(tasks))

    def test_a_guilty_row_costs_itself_and_no_sweep_waits_for_it(self, broker: Lists) -> None:
        guilty, *neighbours = lost(broker)
        upkeep = Upkeep()
        with refused("task", f"OLD.id = '{guilty.id}'"):
            for _ in range(5):
                upkeep.run()
            assert sorted(sent_ids(broker)) == sorted(ids(neighbours))
            assert not Broker().was_emptied()


@pytest.mark.usefixtures("always")
class TestTwoSweepers:
    def test_both_notice_it(self, broker: Lists) -> None:
        tasks, sweepers = lost(broker), [Upkeep(), Upkeep()]
        for _ in range(4):
            for sweeper in sweepers:
                sweeper.run()
        assert sorted(sent_ids(broker)) == sorted(ids(tasks))

    def test_one_notices_it_while_the_other_is_about_it(
        self, broker: Lists, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It has heard that the broker is empty, and the other makes that good before it does anything."""
        tasks, one, other = lost(broker, SHARE - 1), Upkeep(), Upkeep()
        hold = transitions.hold

        def meanwhile(priorities: Sequence[int]) -> transitions.Held:
            monkeypatch.setattr(transitions, "hold", hold)
            other.run()
            return hold(priorities)

        monkeypatch.setattr(transitions, "hold", meanwhile)
        one.run()
        assert sorted(sent_ids(broker)) == sorted(ids(tasks))

    def test_one_goes_on_where_another_was_killed(self, broker: Lists) -> None:
        other = Upkeep()
        other.run()
        tasks = lost(broker)
        Upkeep().run()  # and is killed
        for _ in range(4):
            other.run()
        assert sorted(set(sent_ids(broker))) == sorted(ids(tasks))


@pytest.mark.usefixtures("always")
def test_what_it_costs(broker: Lists, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    part, duty = Refill(Broker()), Duty("taking back")
    with django_assert_num_queries(0):
        assert part.run(duty) == 0
    lost(broker, SHARE + 1)
    # Having all windows for itself, the clock, 3 takings, going on after 2 of them, closing gates, letting go.
    with django_assert_num_queries(9):
        assert part.run(duty) == SHARE + 1
    with django_assert_num_queries(0):
        assert part.run(duty) == 0


def test_a_broker_that_is_away_meanwhile(
    broker: Lists, always: None, broker_away: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks, upkeep = lost(broker), Upkeep()
    upkeep.run()
    assert Task.objects.filter(dispatch_count=0).count() == 0
    monkeypatch.delenv("CELERY_BROKER_WRITE_URL")
    for _ in range(4):
        upkeep.run()
    assert sorted(sent_ids(broker)) == sorted(ids(tasks))


SWEEPING = """
import django, sys
django.setup()
from tasks_api import refill, transitions
from tasks_api.upkeep import Upkeep
from tasks_api.window import IDLE
refill.CHUNK = int(sys.argv[1])
upkeep = Upkeep()
while True:
    upkeep.run()
    print("swept", flush=True)
    sys.stdin.readline()
"""


def test_a_kill_in_between(broker: Lists) -> None:
    """By the signal that leaves no time for anything, of a process of its own."""
    tasks = lost(broker)
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "APPS": "testing",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", SWEEPING, str(SHARE)],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "swept" in process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    broker.lose_everything()
    upkeep = Upkeep()
    for _ in range(4):
        upkeep.run()
    assert set(sent_ids(broker)) == set(ids(tasks))
