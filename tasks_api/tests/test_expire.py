"""Waiting tasks end when their time has passed."""

import pytest

from tasks_api import transitions
from tasks_api.lifecycle import WAITING, Status
from testing.factories import ago, make_task

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", WAITING)
def test_it_works(status: Status) -> None:
    task = make_task(status, expires_at=ago(1))
    assert transitions.expire(10) == 1
    task.refresh_from_db()
    assert task.status == Status.REVOKED
    assert task.error == {
        "type": "expired",
        "permanent": True,
        "message": "expires_at passed while it waited",
    }
    assert task.finished_at is not None
    assert task.dispatch_at is None


@pytest.mark.parametrize("expires_at", [None, ago(-86_400)])
def test_others_go_on_waiting(expires_at: object) -> None:
    task = make_task(expires_at=expires_at)
    assert transitions.expire(10) == 0
    task.refresh_from_db()
    assert task.status == Status.PENDING


def test_one_that_runs_may_end() -> None:
    make_task(Status.STARTED, expires_at=ago(1))
    assert transitions.expire(10) == 0


def test_it_takes_so_many_at_a_time() -> None:
    for _ in range(3):
        make_task(expires_at=ago(1))
    assert [transitions.expire(2) for _ in range(3)] == [2, 1, 0]
