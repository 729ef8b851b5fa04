"""DELETE /tasks/{id}/"""

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, Status
from tasks_api.models import Task
from testing.api import Api
from testing.factories import make_task

pytestmark = pytest.mark.django_db

BEGUN = (Status.STARTED, Status.RETRY)


def test_it_works(api: Api) -> None:
    task, other = make_task(), make_task()
    answer = api.delete(f"/tasks/{task.id}/")
    assert (answer.status, answer.content) == (204, b"")
    api.get(f"/tasks/{task.id}/").problem(404, "not_found")
    assert Task.objects.get() == other


@pytest.mark.parametrize("query", ["", "?force=true", "?force=false"])
@pytest.mark.parametrize("status", BEGUN)
def test_one_that_has_started_is_kept(api: Api, status: Status, query: str) -> None:
    task = make_task(status)
    problem = api.delete(f"/tasks/{task.id}/{query}").problem(409, "conflict")
    assert problem["detail"] == f"the task is {status}: only a task that has not started can be deleted"
    assert Task.objects.filter(status=status).exists()


def test_one_that_was_revived_has_started(api: Api) -> None:
    task = make_task(Status.PENDING, attempt=3)
    api.delete(f"/tasks/{task.id}/").problem(409, "conflict")
    assert Task.objects.exists()


@pytest.mark.parametrize("status", FINAL)
def test_a_final_one_is_kept(api: Api, status: Status) -> None:
    task = make_task(status)
    problem = api.delete(f"/tasks/{task.id}/").problem(409, "conflict")
    assert (
        problem["detail"] == f"the task is {status}, its record is kept; ?force=true deletes it all the same"
    )
    assert Task.objects.filter(status=status).exists()


@pytest.mark.parametrize("status", [Status.PENDING, *FINAL])
def test_with_force_it_goes(api: Api, status: Status) -> None:
    task = make_task(status)
    assert api.delete(f"/tasks/{task.id}/?force=true").status == 204
    assert not Task.objects.exists()


@pytest.mark.parametrize("query", ["", "?force=true"])
def test_an_unknown_id(api: Api, query: str) -> None:
    api.delete(f"/tasks/{new_id()}/{query}").problem(404, "not_found")


def test_twice(api: Api) -> None:
    task = make_task()
    api.delete(f"/tasks/{task.id}/")
    api.delete(f"/tasks/{task.id}/").problem(404, "not_found")


@pytest.mark.parametrize("query", ["force=1", "force=", "force=yes", "force=true&force=true"])
def test_force_is_true_or_false(api: Api, query: str) -> None:
    task = make_task(Status.SUCCESS)
    ((where, code, _),) = api.delete(f"/tasks/{task.id}/?{query}").errors()
    assert (where, code) == ("force", "invalid_type")
    assert Task.objects.exists()


def test_an_unknown_parameter(api: Api) -> None:
    ((where, code, _),) = api.delete(f"/tasks/{make_task().id}/?cascade=true").errors()
    assert (where, code) == ("cascade", "unknown_field")
    assert Task.objects.exists()


def test_query_budget(api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    task = make_task()
    with django_assert_num_queries(1):  # DELETE and INSERT INTO audit_event
        api.delete(f"/tasks/{task.id}/")
