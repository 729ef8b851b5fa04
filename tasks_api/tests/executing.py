"""Running tasks in the process of a test."""

from collections.abc import Callable
from typing import Any

import psycopg2

from tasks_api.execution.running import execute
from tasks_api.ids import new_id
from tasks_api.models import Task
from tasks_api.tests.conftest import Register
from testing.away import BREAK_SQL
from testing.factories import make_task
from testing.web import database_url

NODE = new_id()


def run_one(**changes: Any) -> tuple[Any, Task]:
    """Run a task, and what its row says then."""
    task = make_task(**changes)
    outcome = execute(task.id, task.priority, NODE)
    return outcome, Task.objects.get(id=task.id)


def error_of(task: Task) -> dict[str, Any]:
    error: dict[str, Any] | None = task.error
    assert error is not None
    return error


def throw_away(register: Register, body: Callable[[], Any]) -> tuple[Any, Task]:
    """Run a task whose operation does this."""

    @register
    def operation() -> Any:
        """Do it."""
        return body()

    return run_one(operation="throw_away", arguments={})


def kill_connections() -> None:
    """As an administrator does, or a restart of the database."""
    killer = psycopg2.connect(database_url())
    try:
        with killer.cursor() as cursor:
            cursor.execute(BREAK_SQL)
    finally:
        killer.close()
