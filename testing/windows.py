"""Tasks that wait for room in the broker, and what becomes of its windows."""

from collections.abc import Sequence
from uuid import UUID

from tasks_api import submission, transitions
from tasks_api.broker.connection import Broker
from tasks_api.broker.publisher import publisher
from tasks_api.database import execute
from tasks_api.isolation.duties import Duty
from tasks_api.models import Task
from tasks_api.release import Released, release
from tasks_api.submission import NewTask
from testing.broker import Lists
from testing.factories import make_node, make_task

DUTY = "handing over what waits for room"


def submit(count: int, priority: int = 5) -> list[Task]:
    """So many tasks in one set, and the messages of those that there is room for."""
    new = [
        NewTask(operation="add", arguments={}, max_attempts=1, timeout_seconds=9, priority=priority)
        for _ in range(count)
    ]
    tasks = submission.submit(new).rows()
    assert publisher.drain(30)
    return tasks


def waiting(count: int) -> list[Task]:
    """Tasks that wait for room, whatever the window."""
    tasks = [make_task() for _ in range(count)]
    execute("UPDATE task SET dispatch_at = '-infinity', dispatch_count = 0", [])
    return tasks


def looked(duty: Duty | None = None) -> Released:
    """What one release does."""
    broker = Broker()
    try:
        return release(broker, duty or Duty(DUTY))
    finally:
        broker.close()


def handed_over(duty: Duty | None = None) -> int:
    """How many one release hands over."""
    return looked(duty).count


def size(value: int, priority: int = 5) -> None:
    """Let a window be of this size, and nobody know how fast tasks begin."""
    execute("UPDATE dispatch_window SET size = %s, filled = 0 WHERE priority = %s", [value, priority])


def work_off(tasks: Sequence[Task], lists: Lists) -> None:
    """Begin them, so that the broker has no message left."""
    for task in tasks:
        assert transitions.claim(task.id, task.priority, token=UUID(int=1), node=make_node().id)
    lists.lose()


def closed() -> set[int]:
    """The priorities whose gates are closed."""
    return {window.priority for window in transitions.look() if not window.is_open}


def sent(lists: Lists) -> list[str]:
    """The ids in the broker, in order."""
    return [message.task_id for message in lists.sent()]


def ids(tasks: Sequence[Task]) -> list[str]:
    """As they stand in messages."""
    return [str(task.id) for task in tasks]
