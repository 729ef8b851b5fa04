"""A hundred thousand tasks that wait their turn are healthy: none is handed over twice."""

import pytest
import redis
from django.conf import settings

from tasks_api import transitions
from tasks_api.broker.connection import Broker
from tasks_api.broker.messages import Message
from tasks_api.database import execute, fetch_all, fetch_one
from tasks_api.upkeep import Upkeep
from tasks_api.window import IDLE
from testing.broker import Lists

pytestmark = pytest.mark.django_db(transaction=True)

TASKS = 100_000


@pytest.fixture
def broker() -> redis.Redis:
    client = redis.Redis.from_url(settings.ENVIRONMENT.CELERY_BROKER_URL)
    client.flushdb()
    Upkeep().run()  # this broker is not new any more
    return client


def long_queue(tasks: int) -> list[Message]:
    """So many tasks that were handed over long ago, and their messages."""
    execute(
        """
        INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, final_attempt, retry_when_lost,
                          timeout_seconds, run_at, status, attempt, dispatch_at, dispatch_count, version)
        SELECT uuidv7(), 'calculate', '{"expression": "1+1"}', n %% 10, '{}', 3, 3, true, 30, now(), 'PENDING', 0,
               now() - interval '1 hour', 1, 0
          FROM generate_series(1, %s) AS n
        """,
        [tasks],
    )
    execute("ANALYZE task", [])
    return [
        Message(*row) for row in fetch_all("SELECT id, operation, priority, timeout_seconds FROM task", [])
    ]


def test_it_is_left_alone(broker: redis.Redis) -> None:
    Broker().publish(long_queue(TASKS))
    assert transitions.overdue()
    upkeep = Upkeep()
    for _ in range(3):
        upkeep.run()
    assert Broker().waiting() == TASKS
    assert fetch_one("SELECT max(dispatch_count) FROM task", []) == (1,)

    # What is really lost is missed: the most urgent first, and no more than is missing.
    lost = broker.lpop("tasks", 100)
    assert isinstance(lost, list)
    assert Upkeep().run().resent == 100
    assert fetch_all("SELECT DISTINCT priority FROM task WHERE dispatch_count = 2", []) == [(9,)]


def test_an_emptied_broker_gets_back_what_it_has_room_for(broker: redis.Redis) -> None:
    long_queue(30_000)
    broker.flushdb()
    upkeep = Upkeep()
    done = upkeep.run()
    assert (
        done.dispatched == 10 * IDLE == Broker().waiting()
    )  # as many as an idle window holds, of each priority
    assert upkeep.run().dispatched == 0
    sent = {message.task_id for message in Lists().sent()}
    oldest = fetch_all(
        "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY priority ORDER BY id) FROM task) AS each "
        "WHERE row_number <= %s",
        [IDLE],
    )
    assert sent == {str(task_id) for [task_id] in oldest}
