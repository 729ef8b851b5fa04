"""A broker that lost everything gets it back: a share in each sweep, each task once, whoever goes on with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api import refill
from tasks_api.broker.connection import Broker, BrokerAway
from tasks_api.broker.publisher import Publisher
from tasks_api.database import database_now
from tasks_api.isolation.duties import Duty
from tasks_api.models import Task
from tasks_api.refill import Refill
from tasks_api.transitions import claim
from tasks_api.upkeep import Upkeep
from testing.broker import Lists
from testing.factories import ago, make_node, make_task, message_of
from testing.refusing import refused
from testing.stack import PROJECT
from testing.web import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("brokers_closed")]

SHARE = 4


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, broker: Lists) -> None:
    """A broker that has been in use, little of which is handed over again in one sweep."""
    monkeypatch.setattr(refill, "SHARE", SHARE)
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
class TestShares:
    def test_a_share_in_each_sweep(self, broker: Lists) -> None:
        tasks, upkeep = lost(broker), Upkeep()
        for done in range(SHARE, len(tasks) + 1, SHARE):
            assert upkeep.run().dispatched == SHARE
            assert sent_ids(broker) == ids(tasks[:done])
        done_again = upkeep.run()
        assert (done_again.dispatched, done_again.resent) == (0, 0)
        assert sent_ids(broker) == ids(tasks)

    def test_in_the_end_nothing_is_left_of_it(self, broker: Lists) -> None:
        lost(broker)
        upkeep = Upkeep()
        for _ in range(4):
            upkeep.run()
        assert Broker().noted_loss() is None
        assert not upkeep._refill.is_under_way

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
        upkeep.run()
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
            assert not upkeep._refill.is_under_way


@pytest.mark.usefixtures("always")
class TestTwoSweepers:
    def test_both_notice_it_and_share_the_work(self, broker: Lists) -> None:
        tasks, sweepers = lost(broker), [Upkeep(), Upkeep()]
        for _ in range(4):
            for sweeper in sweepers:
                sweeper.run()
        assert sorted(sent_ids(broker)) == sorted(ids(tasks))

    def test_they_notice_it_at_the_same_time(self, broker: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
        """One has heard of it and the other sends a share before the first has even looked at the clock."""
        tasks, one, other = lost(broker), Upkeep(), Upkeep()
        one.run()
        one.run()

        def meanwhile() -> datetime:
            monkeypatch.setattr("tasks_api.refill.database_now", database_now)
            other.run()
            return database_now()

        broker.lose_everything()
        monkeypatch.setattr("tasks_api.refill.database_now", meanwhile)
        for _ in range(4):
            one.run()
            other.run()
        assert sorted(sent_ids(broker)) == sorted(ids(tasks))

    def test_one_that_had_not_noticed_goes_on_where_another_was_killed(self, broker: Lists) -> None:
        other = Upkeep()
        other.run()
        tasks = lost(broker)
        Upkeep().run()  # and is killed
        for _ in range(4):
            other.run()
        assert sorted(sent_ids(broker)) == sorted(ids(tasks))

    def test_one_that_starts_then_does_too(self, broker: Lists) -> None:
        tasks = lost(broker)
        Upkeep().run()
        sent = make_task()
        Upkeep().publish([message_of(sent)])
        successor = Upkeep()
        assert [successor.run().dispatched for _ in range(3)] == [SHARE, SHARE, 0]
        assert sorted(sent_ids(broker)) == sorted(ids([*tasks, sent]))

    def test_the_end_of_one_loss_is_not_that_of_a_later_one(self, broker: Lists) -> None:
        one = Refill(Broker())
        lost(broker, 1)
        assert one.share(Duty("one")) == 1
        later = ago(-1)
        Broker().note_loss(later)
        one.share(Duty("one"))
        assert Broker().noted_loss() == later


@pytest.mark.usefixtures("always")
def test_what_it_costs(broker: Lists, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    part, duty = Refill(Broker()), Duty("refilling")
    with django_assert_num_queries(0):
        assert part.share(duty) == 0
    lost(broker, SHARE + 1)
    with django_assert_num_queries(2):  # the clock, a share
        assert part.share(duty) == SHARE
    with django_assert_num_queries(1):
        assert part.share(duty) == 1
    with django_assert_num_queries(2):  # none, and whether any is left
        assert part.share(duty) == 0
    with django_assert_num_queries(0):
        assert part.share(duty) == 0


def test_a_broker_that_is_away_meanwhile(
    broker: Lists, always: None, broker_away: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks, part, duty = lost(broker), Refill(Broker()), Duty("refilling")
    with pytest.raises(BrokerAway):
        part.share(duty)
    monkeypatch.delenv("CELERY_BROKER_WRITE_URL")
    assert [part.share(duty) for _ in range(4)] == [SHARE, SHARE, SHARE, 0]
    assert sorted(sent_ids(broker)) == sorted(ids(tasks))


SWEEPING = """
import django, sys
django.setup()
from tasks_api import refill
from tasks_api.upkeep import Upkeep
refill.SHARE = int(sys.argv[1])
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
    assert len(broker.sent()) == SHARE
    upkeep = Upkeep()
    assert [upkeep.run().dispatched for _ in range(3)] == [SHARE, SHARE, 0]
    assert sorted(sent_ids(broker)) == sorted(ids(tasks))
