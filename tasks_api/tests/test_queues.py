"""Queues on RabbitMQ: of the release that is installed here, and of one that refuses what older ones took."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from kombu.connection import Connection

from tasks_api.broker.connection import Broker, BrokerRefuses
from tasks_api.broker.messages import TASK_QUEUE, Message
from tasks_api.broker.queues import CONSUMER_TIMEOUT
from tasks_api.ids import new_id
from testing.brokers import ON_RABBITMQ, SharedRabbitMQ
from testing.concurrency import eventually
from testing.newer_rabbitmq import NewerRabbitMQ, newer_rabbitmq
from testing.rabbitmq import RabbitMQ
from testing.stack import Stack

pytestmark = [pytest.mark.acceptance, ON_RABBITMQ]

REFUSES_CLASSIC_TIMEOUT = "4.3.2"
MAX_PRIORITY = "x-max-priority"


@pytest.fixture(autouse=True)
def empty(rabbitmq: RabbitMQ) -> None:
    """There are no queues."""
    SharedRabbitMQ(rabbitmq).lose_everything()


@pytest.fixture
def newer(rabbitmq: RabbitMQ, monkeypatch: pytest.MonkeyPatch) -> Iterator[NewerRabbitMQ]:
    """A newer RabbitMQ, which is this process's broker."""
    with newer_rabbitmq(rabbitmq, REFUSES_CLASSIC_TIMEOUT, CONSUMER_TIMEOUT) as stand_in:
        monkeypatch.setenv("CELERY_BROKER_WRITE_URL", stand_in.url)
        yield stand_in


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    yield broker
    broker.close()


def arguments(rabbitmq: RabbitMQ) -> str:
    """Those that the queue of tasks was declared with, as `rabbitmqctl` writes them."""
    lines = rabbitmq.control("list_queues", "--quiet", "name", "arguments").splitlines()
    return next(line for line in lines if line.startswith(f"{TASK_QUEUE}\t"))


def published(broker: Broker) -> None:
    broker.publish([Message(new_id(), "calculate", 5, 10)])
    eventually(lambda: broker.waiting() >= 1)


class TestInstalled:
    def test_it_is_told_how_long_a_task_may_run(
        self, rabbitmq: RabbitMQ, broker: Broker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CELERY_BROKER_WRITE_URL", rabbitmq.url)
        published(broker)
        assert CONSUMER_TIMEOUT in arguments(rabbitmq)
        assert MAX_PRIORITY in arguments(rabbitmq)


class TestNewer:
    def test_what_it_refuses_is_not_asked_for(
        self, rabbitmq: RabbitMQ, broker: Broker, newer: NewerRabbitMQ
    ) -> None:
        published(broker)
        assert CONSUMER_TIMEOUT not in arguments(rabbitmq)
        assert MAX_PRIORITY in arguments(rabbitmq)
        assert newer.refusals == 0

    @pytest.mark.parametrize("version", ["4.2.9", "no version"])
    def test_one_that_refuses_although_it_does_not_look_like_it(
        self, broker: Broker, newer: NewerRabbitMQ, version: str
    ) -> None:
        newer.version = version
        published(broker)
        assert newer.refusals == 1

    def test_a_queue_of_before_its_upgrade(
        self, rabbitmq: RabbitMQ, newer: NewerRabbitMQ, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setenv("CELERY_BROKER_WRITE_URL", rabbitmq.url)
            before = Broker()
            published(before)
            before.close()
        after = Broker()
        published(after)
        assert CONSUMER_TIMEOUT in arguments(rabbitmq)
        after.close()

    def test_one_that_cannot_serve_us(self, broker: Broker, newer: NewerRabbitMQ) -> None:
        newer.refused_argument = MAX_PRIORITY
        with pytest.raises(BrokerRefuses) as refusal:
            broker.waiting()
        assert str(refusal.value) == (
            "RabbitMQ 4.3.2 refuses the queue 'tasks': Queue.declare: (406) PRECONDITION_FAILED - "
            "invalid arg 'x-max-priority' for queue 'tasks' in vhost '/'"
        )
        newer.refused_argument = CONSUMER_TIMEOUT
        published(broker)


def test_a_queue_of_somebody_else(
    rabbitmq: RabbitMQ, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", rabbitmq.url)
    with Connection(rabbitmq.url) as connection:
        connection.default_channel.queue_declare(TASK_QUEUE, durable=True, auto_delete=False)
        with pytest.raises(BrokerRefuses, match=r"refuses the queue 'tasks'.*PRECONDITION_FAILED"):
            broker.waiting()


def test_a_stack_that_is_refused_says_why_and_goes_on_by_itself(rabbitmq: RabbitMQ, tmp_path: Path) -> None:
    with newer_rabbitmq(rabbitmq, REFUSES_CLASSIC_TIMEOUT, MAX_PRIORITY) as stand_in:
        stack = Stack(tmp_path / "data", CELERY_BROKER_URL=stand_in.url, FLOWER="0")
        with closing(stack):
            stack.begin()
            stack.wait_until(lambda: "RabbitMQ 4.3.2 refuses the queue 'tasks'" in reason(stack))
            task = stack.http.post("/tasks/", json={"operation": "4+7"}).json()
            stack.wait_until(lambda: "no task is taken from the broker, trying again" in stack.logs())
            stand_in.refused_argument = CONSUMER_TIMEOUT
            stack.wait_until(stack.ready)
            assert stack.http.get(f"/tasks/{task['id']}/?wait=60").json()["status"] == "SUCCESS"


def reason(stack: Stack) -> str:
    """Why the broker is away."""
    try:
        return str(stack.http.get("/health/ready/").json()["broker"].get("reason", ""))
    except httpx.HTTPError:
        return ""
