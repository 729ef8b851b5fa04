"""GET and DELETE of task schedules."""

from collections.abc import Callable
from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from schedules.models import Occurrence, TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.factories import make_task

URL = "/task-schedules/"
UNKNOWN = f"{URL}01a1f890-cdf7-7648-a082-ae42845e09b1/"


@pytest.mark.django_db
def test_the_list_is_newest_first_and_in_pages(client: APIClient, new_schedule: NewSchedule) -> None:
    ids = [str(new_schedule().id) for _ in range(5)][::-1]
    first = client.get(URL, {"limit": 2}).json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    assert [row["id"] for page in (first, second, third) for row in page["results"]] == ids
    assert (first["previous"], third["next"]) == (None, None)
    assert client.get(third["previous"]).json()["results"] == second["results"]


@pytest.mark.django_db
def test_the_list_is_two_queries(
    client: APIClient, new_schedule: NewSchedule, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(10):
        new_schedule()
    with django_assert_num_queries(2):  # the page, and what is known of its future
        assert len(client.get(URL).json()["results"]) == 10


@pytest.mark.django_db
def test_it_filters_by_status(client: APIClient, new_schedule: NewSchedule) -> None:
    new_schedule()
    done = new_schedule()
    TaskSchedule.objects.filter(id=done.id).update(status="completed", sweep_at=None)
    assert [row["id"] for row in client.get(URL, {"status": "completed"}).json()["results"]] == [str(done.id)]
    answer = client.get(URL, {"status": "done"})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "status")


@pytest.mark.django_db
def test_an_unknown_schedule(client: APIClient) -> None:
    for answer in (client.get(UNKNOWN), client.delete(UNKNOWN)):
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert client.get(f"{URL}not-an-id/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_deleting_keeps_its_tasks(
    client: APIClient, new_schedule: NewSchedule, lie_idle: Callable[[TaskSchedule, float], datetime]
) -> None:
    schedule = new_schedule(rrule="FREQ=MINUTELY")
    lie_idle(schedule, 1)
    Sweeper().sweep()
    assert client.delete(f"{URL}{schedule.id}/").status_code == 204
    assert client.get(f"{URL}{schedule.id}/").status_code == 404
    assert Task.objects.get().schedule_id == schedule.id
    assert not Occurrence.objects.exists()
    assert len(client.get("/tasks/", {"schedule": str(schedule.id)}).json()["results"]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "cancelled"),
    [("", set()), ("?cancel_waiting=false", set()), ("?cancel_waiting=true", {Status.PENDING, Status.RETRY})],
)
def test_deleting_may_cancel_what_waits(
    client: APIClient, new_schedule: NewSchedule, query: str, cancelled: set[Status]
) -> None:
    schedule = new_schedule(cron="@daily")
    tasks = {status: make_task(status, schedule_id=schedule.id) for status in Status}
    other = make_task()
    assert client.delete(f"{URL}{schedule.id}/{query}").status_code == 204
    for status, task in tasks.items():
        task.refresh_from_db()
        assert task.status == (Status.REVOKED if status in cancelled else status)
        assert (task.cancel_requested_at is not None) == (status in cancelled)
    other.refresh_from_db()
    assert other.status == Status.PENDING


@pytest.mark.django_db
def test_what_is_refused_deletes_nothing(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(cron="@daily")
    for query, name in (("?cancel_waiting=yes", "cancel_waiting"), ("?cancel=true", "cancel")):
        answer = client.delete(f"{URL}{schedule.id}/{query}")
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, name)
    assert TaskSchedule.objects.exists()


@pytest.mark.django_db
def test_deleting_a_version_that_has_changed(client: APIClient, new_schedule: NewSchedule) -> None:
    schedule = new_schedule()
    assert client.delete(f"{URL}{schedule.id}/", headers={"If-Match": '"v7"'}).status_code == 412
    assert client.delete(f"{URL}{schedule.id}/", headers={"If-Match": '"v1"'}).status_code == 204
