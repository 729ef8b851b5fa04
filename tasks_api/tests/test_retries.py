"""Whether a failed try is followed by another, and when."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations import Backoff, OperationError, operation
from tasks_api import transitions
from tasks_api.database import database_now
from tasks_api.execution import retries
from tasks_api.execution.running import execute
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.tests.conftest import Register
from testing.factories import make_node, make_task, run_of

NUMBERS = st.integers(1, 32_767)
CHANCE = st.floats(0, 1, exclude_max=True)


class TestDecision:
    @given(NUMBERS, NUMBERS, CHANCE)
    def test_what_is_permanent_ends_it(self, tries: int, max_attempts: int, chance: float) -> None:
        assert decide(permanent=True, tries=tries, max_attempts=max_attempts, chance=chance) is None

    @given(NUMBERS, NUMBERS, CHANCE)
    def test_so_does_the_last_try(self, tries: int, max_attempts: int, chance: float) -> None:
        waits = decide(tries=tries, max_attempts=max_attempts, chance=chance)
        assert (waits is None) == (tries >= max_attempts)

    @given(NUMBERS, CHANCE)
    def test_the_wait_is_that_of_the_back_off(self, tries: int, chance: float) -> None:
        backoff = Backoff(base_seconds=1, factor=3, cap_seconds=60)
        waits = decide(tries=tries, max_attempts=tries + 1, chance=chance, backoff=backoff)
        assert waits == backoff.delay(tries, chance)

    def test_a_fresh_allowance_begins_with_the_shortest_wait(self) -> None:
        run = run_of(Task(id=new_id(), attempt=7, final_attempt=9, max_attempts=3))
        assert run.tries == 1

    @given(NUMBERS, CHANCE, st.floats(0, allow_nan=False))
    def test_or_longer_if_the_operation_asks_for_it(
        self, attempt: int, chance: float, retry_after: float
    ) -> None:
        waits = decide(tries=attempt, max_attempts=attempt + 1, chance=chance, retry_after=retry_after)
        assert waits == max(Backoff().delay(attempt, chance), min(retry_after, 86_400))


def decide(**changes: Any) -> float | None:
    given: dict[str, Any] = {"permanent": False, "backoff": Backoff(), "chance": 0.5} | changes
    return retries.retry_in(**given)


def fails(*, permanent: bool = False) -> None:
    """Fail."""
    raise OperationError("no", permanent=permanent)


def hand_back(task: Task) -> None:
    """Its next try, in a worker that stops."""
    Task.objects.filter(id=task.id).update(run_at=database_now())
    node = new_id()
    assert transitions.claim(task.id, task.priority, token=new_id(), node=node)
    assert transitions.hand_back(node) == [task.id]


def run(task: Task) -> Task:
    """Its next try, as soon as it may be."""
    Task.objects.filter(id=task.id).update(run_at=database_now())
    execute(task.id, task.priority, make_node().id)
    return Task.objects.get(id=task.id)


@pytest.mark.django_db
class TestAllowance:
    def test_it_works(self, register: Register) -> None:
        register(fails)
        task = make_task(operation="throw_away", arguments={}, max_attempts=3)
        assert [run(task).status for _ in range(4)] == [
            Status.RETRY,
            Status.RETRY,
            Status.FAILURE,
            Status.FAILURE,
        ]
        assert Task.objects.get().attempt == 3

    def test_what_is_permanent_stops_at_once(self, register: Register) -> None:
        register(fails)
        task = run(make_task(operation="throw_away", arguments={"permanent": True}))
        assert (task.status, task.attempt) == (Status.FAILURE, 1)

    def test_what_was_handed_back_does_not_count(self, register: Register) -> None:
        register(fails)
        task = make_task(operation="throw_away", arguments={}, max_attempts=2)
        assert run(task).status == Status.RETRY
        for _ in range(3):
            hand_back(task)
        assert run(task).status == Status.FAILURE
        assert Task.objects.get().attempt == 5

    def test_what_is_revived_has_a_fresh_one(self, register: Register) -> None:
        register(fails)
        task = make_task(operation="throw_away", arguments={}, max_attempts=2)
        assert [run(task).status for _ in range(2)] == [Status.RETRY, Status.FAILURE]
        transitions.revive([task.id])
        assert [run(task).status for _ in range(2)] == [Status.RETRY, Status.FAILURE]
        assert Task.objects.get().attempt == 4

    def test_a_lost_try_counts(self, register: Register) -> None:
        register(fails)
        task = make_task(operation="throw_away", arguments={}, max_attempts=2)
        node = new_id()
        transitions.claim(task.id, task.priority, token=new_id(), node=node)
        transitions.rescue_run(task.id, node)
        assert run(task).status == Status.FAILURE

    def test_one_that_must_not_be_repeated_when_lost_is_not(self) -> None:
        task = make_task(Status.STARTED, retry_when_lost=False)
        assert task.node_id
        transitions.rescue_run(task.id, task.node_id)
        task.refresh_from_db()
        assert (task.status, task.error["permanent"]) == (Status.FAILURE, True)  # type: ignore[index]

    def test_but_it_is_when_it_fails_in_order(self, register: Register) -> None:
        register(fails)
        assert (
            run(make_task(operation="throw_away", arguments={}, retry_when_lost=False)).status == Status.RETRY
        )


@pytest.mark.django_db
class TestWaiting:
    @pytest.mark.usefixtures("register")
    def test_it_waits_within_the_back_off(self) -> None:
        @operation(name="throw_away", idempotent=True, timeout_seconds=30, backoff=Backoff(100, 1, 100))
        def slow_to_anger() -> None:
            """Fail."""
            raise OSError("no network")

        before = database_now()
        task = run(make_task(operation="throw_away", arguments={}))
        assert before <= task.run_at <= database_now() + timedelta(seconds=100)
        assert (task.dispatch_at, task.dispatch_count) == (task.run_at, 0)

    def test_it_waits_as_long_as_the_operation_asks(self, register: Register) -> None:
        @register
        def impatient() -> None:
            """Fail."""
            raise OperationError("too many requests", retry_after=1_000)

        before = database_now()
        task = run(make_task(operation="throw_away", arguments={}))
        assert before <= task.run_at - timedelta(seconds=1_000) <= database_now()

    def test_nobody_may_claim_it_before(self) -> None:
        task = make_task(Status.STARTED)
        assert transitions.fail(run_of(task), '{"type": "x"}', retry_in=3_600)
        assert transitions.claim(task.id, task.priority, token=new_id(), node=new_id()) is None
        assert transitions.take_due(10, resend_seconds=[5]) == []

    def test_it_is_handed_over_like_whatever_else_is_due(self) -> None:
        task = make_task(Status.STARTED)
        assert transitions.fail(run_of(task), '{"type": "x"}', retry_in=0)
        (message,) = transitions.take_due(10, resend_seconds=[5])
        assert message.task_id == task.id

    def test_while_it_waits_it_may_expire(self) -> None:
        task = make_task(Status.RETRY, expires_at=database_now())
        assert transitions.expire(10) == 1
        task.refresh_from_db()
        assert task.status == Status.REVOKED
