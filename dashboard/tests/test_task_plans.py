"""What the page of a task reads: never all there is."""

import pytest

from dashboard.task import facts
from tasks_api.database import execute
from tasks_api.lifecycle import Status
from testing.factories import ago, make_task
from testing.filling import fill_tasks
from testing.plans import empty, readings_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("priority", [0, 5, 9])
def test_what_stands_around_one_that_waits(priority: int) -> None:
    empty("task")
    fill_tasks(Status.SUCCESS, 10_000, finished_at=ago(86_400))
    fill_tasks(Status.PENDING, 60_000, dispatch_at="-infinity")
    task = make_task(priority=priority)
    execute("ANALYZE task", [])
    read = readings_of(lambda: facts.around(task), "task")
    assert None not in {reading.index for reading in read if reading.rows}
    assert sum(reading.rows for reading in read) <= 4 * (facts.MOST_COUNTED + 1)
