"""How often the broker is spoken to: once for a batch of messages, not once for each."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis.connection

from tasks_api.broker.connection import BATCH, Broker
from tasks_api.broker.messages import Message
from tasks_api.ids import new_id
from testing.broker import Lists


@pytest.fixture
def ours(broker: Lists) -> Iterator[Broker]:
    """With a connection, whose making is not counted."""
    made = Broker()
    made.publish([message()])
    yield made
    made.close()


@pytest.fixture
def writes(ours: Broker, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What this process writes to the broker from now on, each time before it reads the answer."""
    seen: list[object] = []
    send: Any = redis.connection.AbstractConnection.send_packed_command

    def noting(connection: Any, command: Any, *arguments: Any, **options: Any) -> Any:
        seen.append(command)
        return send(connection, command, *arguments, **options)

    monkeypatch.setattr(redis.connection.AbstractConnection, "send_packed_command", noting)
    return seen


def message(priority: int = 5) -> Message:
    return Message(new_id(), "calculate", priority, 30)


@pytest.mark.parametrize(("count", "batches"), [(1, 1), (BATCH, 1), (BATCH + 1, 2), (4 * BATCH, 4)])
def test_a_batch_of_messages_is_one(
    ours: Broker, writes: list[object], broker: Lists, count: int, batches: int
) -> None:
    ours.publish([message(number % 10) for number in range(count)])
    assert len(writes) == batches
    assert len(broker.sent()) == 1 + count


def test_a_call_to_sweep_is_two(ours: Broker, writes: list[object], broker: Lists) -> None:
    ours.send("sweep", [[], {}, {}], {"id": "1"})
    # 1. whether any such call waits; 2. the call
    assert len(writes) == 2
    assert len(broker.sent("sweep")) == 1


def test_how_many_wait_is_asked_in_two_whatever_their_number(ours: Broker, writes: list[object]) -> None:
    ours.publish([message(number % 10) for number in range(BATCH)])
    writes.clear()
    assert ours.waiting() == BATCH + 1
    # 1. whether there is such a queue; 2. the lengths of its lists, one for each priority
    assert len(writes) == 2
