"""The first statement of every run."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api import transitions
from tasks_api.database import database_now
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.transitions import Run
from tasks_api.transitions.runs import WATCHDOG_SECONDS
from testing.concurrency import apart
from testing.factories import ago, make_task


def claim(task: Task, **changes: Any) -> Run | None:
    given: dict[str, Any] = {"priority": task.priority, "token": uuid4(), "node": new_id()} | changes
    return transitions.claim(task.id, **given)


@pytest.mark.django_db
class TestClaim:
    @pytest.mark.parametrize(("status", "attempt"), [(Status.PENDING, 1), (Status.RETRY, 2)])
    def test_it_works(self, status: Status, attempt: int) -> None:
        scheduled_for = ago(60)
        task = make_task(status, scheduled_for=scheduled_for)
        token, node = uuid4(), new_id()
        before = database_now()
        run = claim(task, token=token, node=node)
        assert run == Run(task.id, token, "calculate", {"expression": "4+7"}, attempt, 3, 3, scheduled_for)
        task.refresh_from_db()
        assert (task.status, task.attempt, task.run_token, task.node_id) == (
            Status.STARTED,
            attempt,
            token,
            node,
        )
        assert task.dispatch_at is None
        assert task.started_at is not None
        assert task.deadline_at is not None
        allowed = timedelta(seconds=task.timeout_seconds + WATCHDOG_SECONDS)
        assert before + allowed <= task.deadline_at <= database_now() + allowed

    def test_what_an_earlier_try_told_of_its_progress_is_forgotten(self) -> None:
        task = make_task(Status.RETRY, progress={"percent": 50, "message": "half"})
        assert claim(task)
        task.refresh_from_db()
        assert task.progress is None

    def test_it_is_won_once(self) -> None:
        task = make_task()
        assert [bool(claim(task)) for _ in range(3)] == [True, False, False]

    def test_the_same_token_wins_again(self) -> None:
        task, token = make_task(), uuid4()
        assert claim(task, token=token) == claim(task, token=token)
        task.refresh_from_db()
        assert task.attempt == 1

    @pytest.mark.parametrize("status", [Status.SUCCESS, Status.FAILURE])
    def test_the_same_token_wins_nothing_when_the_run_is_over(self, status: Status) -> None:
        task = make_task(status)
        assert claim(task, token=task.run_token) is None

    def test_a_message_from_before_its_priority_was_changed(self) -> None:
        task = make_task(priority=5)
        assert claim(task, priority=4) is None
        assert claim(task, priority=5)

    def test_an_unknown_task(self) -> None:
        assert claim(Task(id=new_id(), priority=5)) is None

    @pytest.mark.parametrize(
        ("changes", "claimed"),
        [
            ({"expires_at": ago(0)}, False),
            ({"expires_at": ago(-86_400)}, True),
            ({"run_at": ago(-86_400)}, False),
            ({"run_at": ago(0)}, True),
        ],
    )
    @pytest.mark.parametrize("status", [Status.PENDING, Status.RETRY])
    def test_only_in_its_time(self, status: Status, changes: dict[str, Any], claimed: bool) -> None:
        assert bool(claim(make_task(status, **changes))) is claimed

    def test_one_that_runs_may_pass_its_expiry(self) -> None:
        task, token = make_task(expires_at=ago(-86_400)), uuid4()
        claim(task, token=token)
        Task.objects.update(expires_at=ago(1))
        assert claim(task, token=token)

    def test_arguments_come_as_they_were_given(self) -> None:
        arguments = {"b": [1.5, None, {"é": "😀"}], "a": 10**300}
        run = claim(make_task(arguments=arguments))
        assert run is not None
        assert run.arguments == arguments

    def test_query_budget(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        task = make_task()
        with django_assert_num_queries(2):
            # 1. UPDATE task SET status = 'STARTED' ... RETURNING
            # 2. UPDATE task SET status = 'SUCCESS'
            run = claim(task)
            assert run is not None
            assert transitions.succeed(run, "11")


@pytest.mark.django_db(transaction=True)
def test_one_of_many_wins() -> None:
    task = make_task()
    claims = [apart(lambda: claim(task)) for _ in range(8)]
    assert len([run for run in (found.result(30) for found in claims) if run]) == 1
    task.refresh_from_db()
    assert task.attempt == 1
