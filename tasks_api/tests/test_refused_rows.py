"""A row that Postgres refuses to change costs itself: the others of its set, and all other duties, go on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from access.actor import NOBODY
from tasks_api import actions, retention
from tasks_api.database import execute
from tasks_api.idempotency_rows import IdempotencyKey
from tasks_api.isolation.chunks import Changed
from tasks_api.isolation.duties import LEFT_OUT_SECONDS, Duty
from tasks_api.lifecycle import Status
from tasks_api.models import Task, WorkerNode
from tasks_api.upkeep import Upkeep
from testing.broker import Lists
from testing.factories import ago, make_node, make_task
from testing.refusing import DETAIL, REASON, refused
from testing.upkeep import due, expired, lost, old, overdue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("brokers_closed")]

NEIGHBOURS = 9
KIND = "CheckViolation (23514)"


@pytest.fixture(autouse=True)
def _broker(broker: Lists) -> None:
    """One that has been in use."""
    Upkeep().run()


def on_a_dead_node() -> Task:
    WorkerNode.objects.all().delete()
    make_node(alive_since=ago(60))
    return make_task(Status.STARTED)


def changed(tasks: list[Task]) -> int:
    """How many of them are not as they were."""
    fields = ("status", "dispatch_count")
    now = {task.id: task for task in Task.objects.all()}
    return sum(
        task.id not in now or any(getattr(now[task.id], name) != getattr(task, name) for name in fields)
        for task in tasks
    )


EACH = pytest.mark.parametrize(
    ("make", "duty"),
    [
        pytest.param(due, "handing over tasks", id="dispatch"),
        pytest.param(lost, "handing over lost tasks again", id="resend"),
        pytest.param(expired, "expiring tasks", id="expiry"),
        pytest.param(on_a_dead_node, "rescuing tasks of dead nodes", id="rescue from dead nodes"),
        pytest.param(overdue, "rescuing overdue tasks", id="rescue of what is overdue"),
        pytest.param(old, "deleting old tasks", id="retention"),
    ],
)


@EACH
def test_its_neighbours_are_changed(
    make: Callable[[], Task], duty: str, caplog: pytest.LogCaptureFixture
) -> None:
    guilty, *neighbours = [make() for _ in range(1 + NEIGHBOURS)]
    upkeep = Upkeep()
    with refused("task", f"OLD.id = '{guilty.id}'"):
        upkeep.run()
        assert changed(neighbours) == NEIGHBOURS
        assert changed([guilty]) == 0
        assert upkeep.failures == [f"{duty}: 1 left out, {KIND}"]
    assert f"{duty}: {guilty.id} is left out: {REASON}" in caplog.text
    assert DETAIL not in caplog.text  # the row may hold secrets


@EACH
def test_so_are_several(make: Callable[[], Task], duty: str) -> None:
    tasks = [make() for _ in range(2 + NEIGHBOURS)]
    guilty, neighbours = [tasks[0], tasks[-1]], tasks[1:-1]
    upkeep = Upkeep()
    with refused("task", f"OLD.id IN ('{guilty[0].id}', '{guilty[1].id}')"):
        upkeep.run()
    assert (changed(neighbours), changed(guilty)) == (NEIGHBOURS, 0)
    assert upkeep.failures == [f"{duty}: 2 left out, {KIND}"]


def test_no_duty_waits_for_another() -> None:
    """Each has a guilty member, and each does the rest of its work."""
    makers = (due, expired, overdue, old)
    guilty = [make() for make in makers]
    neighbours = [make() for make in makers]
    upkeep = Upkeep()
    names = ", ".join(f"'{task.id}'" for task in guilty)
    with refused("task", f"OLD.id IN ({names})"):
        upkeep.run()
    assert (changed(neighbours), changed(guilty)) == (len(makers), 0)
    assert len(upkeep.failures) == len(makers)


def test_a_duty_that_cannot_be_done_at_all_costs_itself() -> None:
    """As where a table that it needs is not there yet."""
    tasks = [due(), old()]
    upkeep = Upkeep()
    execute("ALTER TABLE idempotency_key RENAME TO elsewhere", None)
    try:
        upkeep.run()
    finally:
        execute("ALTER TABLE elsewhere RENAME TO idempotency_key", None)
    assert changed(tasks) == 2
    assert upkeep.failures == ["deleting old keys: UndefinedTable (42P01)"]


def test_everything_is_handed_over_again_but_the_guilty(broker: Lists) -> None:
    guilty, *neighbours = [make_task() for _ in range(1 + NEIGHBOURS)]
    broker.lose_everything()
    upkeep = Upkeep()
    with refused("task", f"OLD.id = '{guilty.id}'"):
        upkeep.run()
    assert sorted(message.task_id for message in broker.sent()) == sorted(str(task.id) for task in neighbours)
    assert upkeep.failures == [f"taking back what an emptied broker has lost: 1 left out, {KIND}"]


def test_nodes() -> None:
    guilty, neighbour = (make_node(beat_at=ago(100_000)) for _ in range(2))
    upkeep = Upkeep()
    with refused("worker_node", f"OLD.id = '{guilty.id}'", on="DELETE"):
        upkeep.run()
    assert list(WorkerNode.objects.filter(id__in=[guilty.id, neighbour.id])) == [guilty]
    assert upkeep.failures == [f"deleting old nodes: 1 left out, {KIND}"]


def test_keys() -> None:
    for key in ("guilty", "neighbour", "another"):
        IdempotencyKey.objects.create(
            scope="POST /tasks/", key=key, request_hash=b"", status=202, ids=[], created_at=ago(90_000)
        )
    upkeep = Upkeep()
    with refused("idempotency_key", "OLD.key = 'guilty'", on="DELETE"):
        upkeep.run()
    assert [row.key for row in IdempotencyKey.objects.all()] == ["guilty"]
    assert upkeep.failures == [f"deleting old keys: 1 left out, {KIND}"]


class TestLeavingOut:
    """It is not tried each time, for that would hold up the others; nor is it forgotten."""

    @pytest.fixture
    def guilty(self) -> Iterator[Task]:
        task = old()
        with refused("task", f"OLD.id = '{task.id}'"):
            yield task

    def test_it_costs_the_next_time_nothing(
        self, guilty: Task, django_assert_num_queries: Callable[..., Any]
    ) -> None:
        duty = Duty("deleting")
        retention.forget_old_tasks(duty)
        with django_assert_num_queries(3):  # one for each final state
            assert retention.forget_old_tasks(duty) == 0
        assert duty.failure == f"deleting: 1 left out, {KIND}"

    def test_after_a_while_it_is_tried_again(self) -> None:
        task, now = old(), [0.0]
        duty = Duty("deleting", clock=lambda: now[0])
        with refused("task", f"OLD.id = '{task.id}'"):
            assert retention.forget_old_tasks(duty) == 0
        assert retention.forget_old_tasks(duty) == 0
        now[0] += LEFT_OUT_SECONDS + 1
        assert retention.forget_old_tasks(duty) == 1
        assert duty.failure is None


@pytest.mark.parametrize(
    ("status", "verb", "becomes"),
    [
        pytest.param(Status.PENDING, actions.cancel_many, Status.REVOKED, id="cancel"),
        pytest.param(Status.FAILURE, actions.retry_many, Status.PENDING, id="retry"),
    ],
)
def test_a_request_for_many_changes_the_others(
    broker: Lists, status: Status, verb: Callable[..., Changed], becomes: Status
) -> None:
    guilty, *neighbours = [make_task(status) for _ in range(1 + NEIGHBOURS)]
    with refused("task", f"OLD.id = '{guilty.id}'"):
        many = verb(Task.objects.all(), NOBODY, {})
    assert many == Changed(NEIGHBOURS, complete=True, failed=1)
    found = {task.id: task.status for task in Task.objects.all()}
    assert {found[task.id] for task in neighbours} == {becomes}
    assert found[guilty.id] == status
