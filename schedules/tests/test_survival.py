"""Kill what can be killed, in the middle of work: nothing is lost, nothing counts twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from testing.brokers import MessageBroker
from testing.stack import Stack, running_stack

pytestmark = pytest.mark.acceptance

TASKS = 2_000
OCCURRENCES = 25


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory, message_broker: MessageBroker) -> Iterator[Stack]:
    """A stack of its own, to be ill-treated. One for each kind of broker."""
    folder = tmp_path_factory.mktemp("victim")
    with running_stack(folder, FLOWER="0", **message_broker.environment) as stack:
        yield stack


def test_nothing_is_lost_or_doubled(victim: Stack, message_broker: MessageBroker) -> None:
    """kill -9 of beat, sweeper, workers and broker, which also loses all, amid 2,000 tasks and a schedule."""
    schedule = create_schedule(victim)
    batch = [{"operation": "calculate", "arguments": {"expression": f"{n}+1"}} for n in range(TASKS - 100)]
    batch += [{"operation": "sleep", "arguments": {"seconds": 0.05}} for _ in range(100)]
    answer = victim.http.post("/tasks/batch-request/", json=batch)
    assert answer.status_code == 202

    for misfortune in ("worker", "beat", "flush", "sweeper", "worker", "broker", "beat", "sweeper", "worker"):
        befall(victim, message_broker, misfortune)

    victim.wait_until(lambda: unfinished(victim) == 0, 300)
    victim.wait_until(lambda: read(victim, schedule)["status"] == "completed", 60)
    victim.wait_until(lambda: unfinished(victim) == 0, 60)
    assert finals(victim) == {"SUCCESS": TASKS + OCCURRENCES}
    results = victim.psql(
        "SELECT result::int FROM task WHERE operation = 'calculate' AND schedule_id IS NULL"
    )
    assert sorted(result for (result,) in results) == list(range(1, TASKS - 99))
    assert instants_of_tasks(victim, schedule) == instants_of_rule(victim, schedule)
    assert instants_of_ledger(victim, schedule) == instants_of_rule(victim, schedule)


def create_schedule(stack: Stack) -> str:
    body = {
        "operation": "1+1",
        "rrule": f"FREQ=SECONDLY;COUNT={OCCURRENCES}",
        "misfire_policy": "run_all",
    }
    answer = stack.http.post("/task-schedules/", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def befall(stack: Stack, broker: MessageBroker, misfortune: str) -> None:
    """Do it in the middle of work, and let the stack get on its feet again."""
    if misfortune == "flush":
        broker.lose_everything(stack)
        return
    if misfortune == "broker":
        broker.kill(stack)()
        return
    former = stack.kill(misfortune)
    stack.wait_until(lambda: stack.restarted(misfortune, former), 60)


def read(stack: Stack, schedule: str) -> dict[str, str]:
    answer: dict[str, str] = stack.http.get(f"/task-schedules/{schedule}/").json()
    return answer


def unfinished(stack: Stack) -> int:
    return int(stack.psql("SELECT count(*) FROM task WHERE finished_at IS NULL")[0][0])


def finals(stack: Stack) -> dict[str, int]:
    return dict(stack.psql("SELECT status, count(*) FROM task GROUP BY status"))


def instants_of_rule(stack: Stack, schedule: str) -> list[datetime]:
    first = datetime.fromisoformat(read(stack, schedule)["starts_at"])
    return [first + timedelta(seconds=n) for n in range(OCCURRENCES)]


def instants_of_tasks(stack: Stack, schedule: str) -> list[datetime]:
    rows = stack.psql(
        "SELECT scheduled_for FROM task WHERE schedule_id = %s ORDER BY scheduled_for", [schedule]
    )
    return [instant.astimezone(UTC) for (instant,) in rows]


def instants_of_ledger(stack: Stack, schedule: str) -> list[datetime]:
    rows = stack.psql(
        "SELECT scheduled_for FROM occurrence WHERE schedule_id = %s AND outcome = 'created' ORDER BY scheduled_for",
        [schedule],
    )
    return [instant.astimezone(UTC) for (instant,) in rows]
