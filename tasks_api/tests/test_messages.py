from datetime import UTC, datetime
from uuid import UUID

import pytest

from tasks_api.broker.messages import Message, broker_priority, sweep_message

TASK = UUID("0199fd8a-0000-7000-8000-000000000007")


@pytest.mark.parametrize("priority", range(10))
def test_priorities_on_each_kind_of_broker(priority: int) -> None:
    assert broker_priority(priority, "redis") == 9 - priority
    assert broker_priority(priority, "amqp") == priority


def test_a_tasks_message() -> None:
    message = Message(TASK, "calculate", 9, 30.0)
    assert message.body()[:2] == ([str(TASK), 9], {})
    headers = message.headers()
    assert (headers["task"], headers["id"]) == ("tasks_api.run", str(TASK))
    assert headers["timelimit"] == [40.0, 30.0]
    assert headers["argsrepr"] == "calculate, priority 9"


def test_it_never_expires() -> None:
    """Celery would put the id of an expired message on the list of revoked ones, and drop every later one."""
    headers = Message(TASK, "calculate", 9, 30.0).headers()
    assert not {"expires", "eta"} & headers.keys()


def test_a_sweeps_message_expires_soon() -> None:
    (arguments, keywords, _), headers = sweep_message("7", datetime(2026, 1, 2, 3, tzinfo=UTC))
    assert (arguments, keywords) == ([], {})
    assert (headers["task"], headers["id"]) == ("schedules.sweep", "7")
    assert headers["expires"] == "2026-01-02T03:00:02+00:00"
