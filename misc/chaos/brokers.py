"""The brokers, and how each is ill-treated."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import redis
from kombu.connection import Connection

from tasks_api.broker.connection import CANARY_QUEUE
from testing.brokers import OwnValkey, SharedRabbitMQ
from testing.rabbitmq import MISSING, RabbitMQ, is_installed, running_rabbitmq
from testing.stack import Stack

USUAL_MEMORY = "0.4"
NONE_AT_ALL = "[]"


class Broker(Protocol):
    """What the service uses, and what is done to it. Whatever is done raises an error while it is away."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What a stack has to be told to use it."""

    def empty(self, stack: Stack) -> bool:
        """Let it lose all messages. Whether it did."""

    def end(self, stack: Stack) -> Callable[[], object]:
        """Kill it. Whether it runs again."""

    def cut(self, stack: Stack) -> bool:
        """Close every connection. Whether there was any."""

    def refuse_writes(self, stack: Stack) -> bool:
        """Let it be out of memory. Whether it refuses now."""

    def accept_writes(self, stack: Stack) -> None:
        """Let it have memory again."""

    def is_watched(self, stack: Stack) -> bool:
        """Whether the message is there that stands for all others: somebody has noticed that it was gone."""


class Valkey(OwnValkey):
    """That of the stack, which keeps nothing."""

    def empty(self, stack: Stack) -> bool:
        """FLUSHALL."""
        with stack.broker() as client:
            return bool(client.flushall())

    def end(self, stack: Stack) -> Callable[[], object]:
        """kill -9. The stack starts it again."""
        former = stack.kill("valkey")
        return lambda: stack.restarted("valkey", former)

    def cut(self, stack: Stack) -> bool:
        """CLIENT KILL."""
        with stack.broker() as client:
            return bool(client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))

    def refuse_writes(self, stack: Stack) -> bool:
        """It may use one byte."""
        with stack.broker() as client:
            client.config_set("maxmemory", 1)
            try:
                client.set("chaos", "1")
            except redis.exceptions.OutOfMemoryError:
                return True
        return False

    def accept_writes(self, stack: Stack) -> None:
        """It may use what it likes."""
        with stack.broker() as client:
            client.config_set("maxmemory", 0)

    def is_watched(self, stack: Stack) -> bool:
        """Whether there is such a list."""
        with stack.broker() as client:
            return bool(client.exists(CANARY_QUEUE))


class Rabbit(SharedRabbitMQ):
    """A node of its own, which keeps on disk what it is told to."""

    def __init__(self, node: RabbitMQ, starting: ThreadPoolExecutor) -> None:
        super().__init__(node)
        self._starting = starting
        """A thread that lasts: a program ends with the one that it came from."""

    def empty(self, _stack: Stack) -> bool:
        """Without queues."""
        self.lose_everything()
        return True

    def end(self, stack: Stack) -> Callable[[], object]:
        """kill -9, and start it again."""
        started = self._starting.submit(super().kill(stack))
        return lambda: started.done() and started.result() is None

    def cut(self, _stack: Stack) -> bool:
        """Each client is told to go."""
        self._node.control("close_all_connections", "chaos")
        return True

    def refuse_writes(self, _stack: Stack) -> bool:
        """The alarm that says that memory is short: whoever publishes is not listened to any more."""
        alarms = "vm_memory_monitor:set_vm_memory_high_watermark(0), rabbit_alarm:get_alarms()."
        return self._node.control("eval", alarms).strip() != NONE_AT_ALL

    def accept_writes(self, _stack: Stack) -> None:
        """The usual share of memory."""
        self._node.control("set_vm_memory_high_watermark", USUAL_MEMORY)

    def is_watched(self, _stack: Stack) -> bool:
        """Whether the queue has a message."""
        with Connection(self._node.url, connect_timeout=2) as connection:
            answer = connection.default_channel.queue_declare(queue=CANARY_QUEUE, passive=True)
            return bool(answer.message_count)


@contextmanager
def running_broker(name: str, folder: Path) -> Iterator[Broker]:
    """`valkey` or `rabbitmq`, until the context ends."""
    if name == "valkey":
        yield Valkey()
    elif name != "rabbitmq":
        raise SystemExit(f"BROKER={name} is neither valkey nor rabbitmq")
    elif not is_installed():
        raise SystemExit(MISSING)
    else:
        with running_rabbitmq(folder) as node, ThreadPoolExecutor(1) as starting:
            yield Rabbit(node, starting)
