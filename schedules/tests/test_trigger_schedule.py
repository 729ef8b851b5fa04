"""POST /task-schedules/{id}/trigger/"""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from schedules.models import Occurrence, TaskSchedule
from schedules.tests.conftest import NewSchedule
from tasks_api.broker.publisher import publisher
from tasks_api.models import Task
from testing.api import Answer, Api
from testing.broker import Lists
from testing.factories import make_task
from testing.openapi import Auditor

UNKNOWN = "01a1f890-cdf7-7648-a082-ae42845e09b1"


def trigger(api: Api, schedule_id: Any, content: bytes = b"", **headers: str) -> Answer:
    return api.send("POST", f"/task-schedules/{schedule_id}/trigger/", content, **headers)


def columns() -> dict[str, Any]:
    [row] = TaskSchedule.objects.values()
    return dict(row)


@pytest.mark.django_db(transaction=True)
def test_it_works(auditor: Auditor, new_schedule: NewSchedule, broker: Lists) -> None:
    schedule = new_schedule(
        cron="@daily", priority=7, tags=["a"], timeout_seconds=9, max_attempts=2, expires_after_seconds=60
    )
    before = columns()
    answer = trigger(auditor, schedule.id)
    assert answer.status == 202
    task = answer.json
    assert answer.headers["Location"].endswith(f"/tasks/{task['id']}/")
    assert int(answer.headers["Retry-After"]) >= 1
    assert (task["status"], task["schedule"], task["scheduled_for"]) == ("PENDING", str(schedule.id), None)
    assert (task["operation"], task["arguments"]) == ("calculate", {"expression": "1+1"})
    assert [task[name] for name in ("priority", "tags", "timeout_seconds", "max_attempts")] == [
        7,
        ["a"],
        9,
        2,
    ]
    assert task["expires_at"] is not None
    assert columns() == before
    assert not Occurrence.objects.exists()
    assert publisher.drain(60)
    assert [str(sent.task_id) for sent in broker.sent()] == [task["id"]]


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"{}", b"null"])
def test_without_a_body(auditor: Auditor, new_schedule: NewSchedule, content: bytes) -> None:
    assert trigger(auditor, new_schedule(cron="@daily").id, content).status == 202


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["active", "paused", "completed", "error"])
def test_in_every_status(auditor: Auditor, new_schedule: NewSchedule, status: str) -> None:
    schedule = new_schedule(cron="@daily", schedule_x_times=1)
    if status != "active":
        TaskSchedule.objects.update(status=status, sweep_at=None)
    before = columns()
    assert trigger(auditor, schedule.id).status == 202
    assert columns() == before


@pytest.mark.django_db
@pytest.mark.parametrize("overlap", ["skip", "queue_one", "cancel_running"])
def test_whatever_overlaps(auditor: Auditor, new_schedule: NewSchedule, overlap: str) -> None:
    schedule = new_schedule(cron="@daily", overlap_policy=overlap)
    other = make_task(schedule_id=schedule.id)
    assert [trigger(auditor, schedule.id).status for _ in range(2)] == [202, 202]
    assert Task.objects.get(id=other.id).cancel_requested_at is None


@pytest.mark.django_db
def test_each_time_anew(auditor: Auditor, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(cron="@daily")
    assert len({trigger(auditor, schedule.id).json["id"] for _ in range(2)}) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"operation": "gone"}, "the schedule's operation"),
        ({"timezone": "Mars/Olympus"}, "no longer be read"),
    ],
)
def test_what_an_upgrade_broke(
    auditor: Auditor, new_schedule: NewSchedule, broken: dict[str, str], words: str
) -> None:
    schedule = new_schedule(cron="@daily")
    TaskSchedule.objects.update(**broken)
    assert words in trigger(auditor, schedule.id).problem(409, "conflict")["detail"]
    assert not Task.objects.exists()


@pytest.mark.django_db
def test_it_refuses(auditor: Auditor, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(cron="@daily")
    trigger(auditor, UNKNOWN).problem(404, "not_found")
    assert trigger(auditor, schedule.id, b'{"priority": 9}').errors()[0][:2] == ("#", "unexpected_body")
    path = f"/task-schedules/{schedule.id}/trigger/"
    assert auditor.send("POST", f"{path}?priority=9").errors()[0][:2] == ("priority", "unknown_field")
    assert not Task.objects.exists()


@pytest.mark.django_db
def test_its_cost(
    api: Api, new_schedule: NewSchedule, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    schedule = new_schedule(cron="@daily")
    with django_assert_num_queries(
        6
    ):  # the schedule, the time, the task, its event, around those a transaction
        assert trigger(api, schedule.id).status == 202
