"""The brokers on which acceptance tests run, as tests ill-treat them: a stack's own Valkey, and a RabbitMQ."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import psutil
import pytest
from kombu.connection import Connection

from tasks_api.broker.connection import CANARY_QUEUE
from tasks_api.broker.messages import SWEEP_QUEUE, TASK_QUEUE
from testing.rabbitmq import RabbitMQ, running_rabbitmq
from testing.stack import Stack


class MessageBroker(Protocol):
    """The broker of a stack, and what may befall it."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What a stack has to be told to use it."""

    def lose_everything(self, stack: Stack) -> None:
        """Empty it under the stack's feet."""

    def suspended(self, stack: Stack) -> Any:
        """A context in which it hangs."""

    def kill(self, stack: Stack) -> Callable[[], object]:
        """End it without a warning. What is returned brings it back."""


class OwnValkey:
    """The Valkey that a stack starts itself."""

    environment: Mapping[str, str] = {}

    def lose_everything(self, stack: Stack) -> None:
        """FLUSHALL."""
        with stack.broker() as client:
            client.flushall()

    @contextmanager
    def suspended(self, stack: Stack) -> Iterator[None]:
        """Until the context ends."""
        process = psutil.Process(stack.pid("valkey"))
        process.suspend()
        try:
            yield
        finally:
            process.resume()

    def kill(self, stack: Stack) -> Callable[[], object]:
        """The stack starts it again, empty."""
        former = stack.kill("valkey")
        return lambda: stack.wait_until(lambda: stack.restarted("valkey", former), 60)


class SharedRabbitMQ:
    """A RabbitMQ that the stack is told to use."""

    def __init__(self, node: RabbitMQ) -> None:
        self._node = node
        self.environment = {"CELERY_BROKER_URL": node.url}

    def lose_everything(self, _stack: Stack | None = None) -> None:
        """Delete the queues."""
        with Connection(self._node.url) as connection:
            for queue in (TASK_QUEUE, SWEEP_QUEUE, CANARY_QUEUE):
                connection.default_channel.queue_delete(queue)

    @contextmanager
    def suspended(self, _stack: Stack) -> Iterator[None]:
        """Until the context ends."""
        self._node.suspend()
        try:
            yield
        finally:
            self._node.resume()

    def kill(self, _stack: Stack) -> Callable[[], object]:
        """It finds again what it had on disk."""
        self._node.kill()
        return self._node.start


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    """One RabbitMQ for all tests."""
    with running_rabbitmq(tmp_path_factory.mktemp("broker")) as node:
        yield node


# One group each, as each process of the test run that needs a RabbitMQ, or a stack, would have to start one.
ON_RABBITMQ = pytest.mark.xdist_group("rabbitmq")
ON_VALKEY = pytest.mark.xdist_group("valkey")
ON_VALKEY_ONLY = pytest.mark.parametrize(
    "message_broker", [pytest.param("valkey", marks=ON_VALKEY)], indirect=True
)
"""For a test that another makes superfluous on RabbitMQ."""
ON_RABBITMQ_ONLY = pytest.mark.parametrize(
    "message_broker", [pytest.param("rabbitmq", marks=ON_RABBITMQ)], indirect=True
)


@pytest.fixture(
    scope="module",
    params=[pytest.param("valkey", marks=ON_VALKEY), pytest.param("rabbitmq", marks=ON_RABBITMQ)],
)
def message_broker(request: pytest.FixtureRequest) -> Iterator[MessageBroker]:
    """Each of the brokers in turn, for a stack of one's own. It is empty."""
    if request.param == "valkey":
        yield OwnValkey()
        return
    broker = SharedRabbitMQ(request.getfixturevalue("rabbitmq"))
    broker.lose_everything()
    yield broker
