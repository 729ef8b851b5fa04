"""GET /tasks/"""

from urllib.parse import urlencode

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from testing.api import Api
from testing.factories import make_task

pytestmark = pytest.mark.django_db


def ids(api: Api, query: str = "") -> list[str]:
    return [task["id"] for task in api.get(f"/tasks/?{query}").json["results"]]


def test_it_works(api: Api) -> None:
    older, newer = make_task(), make_task(Status.SUCCESS)
    answer = api.get("/tasks/")
    assert answer.status == 200
    assert answer.json["next"] is answer.json["previous"] is None
    assert "Link" not in answer.headers
    assert [task["id"] for task in answer.json["results"]] == [str(newer.id), str(older.id)]
    assert answer.json["results"][0] == api.get(f"/tasks/{newer.id}/").json


def test_there_may_be_none(api: Api) -> None:
    assert api.get("/tasks/").json == {"results": [], "next": None, "previous": None}


@pytest.mark.parametrize("status", Status)
def test_by_status(api: Api, status: Status) -> None:
    tasks = {each: make_task(each) for each in Status}
    assert ids(api, f"status={status}") == [str(tasks[status].id)]


def test_by_several(api: Api) -> None:
    tasks = {each: make_task(each) for each in Status}
    found = ids(api, "status=SUCCESS&status=FAILURE&status=SUCCESS")
    assert set(found) == {str(tasks[Status.SUCCESS].id), str(tasks[Status.FAILURE].id)}


def test_by_what_they_do_and_where_they_came_from(api: Api) -> None:
    schedule = new_id()
    task = make_task(operation="sleep", priority=9, schedule_id=schedule)
    make_task(operation="calculate", priority=0, schedule_id=new_id())
    for query in ("operation=sleep", "priority=9", f"schedule={schedule}", f"priority=9&schedule={schedule}"):
        assert ids(api, query) == [str(task.id)]
    assert ids(api, "operation=sleep&priority=0") == []


def test_what_does_not_exist_is_not_found(api: Api) -> None:
    make_task()
    assert ids(api, "operation=add") == []


def test_the_limit(api: Api) -> None:
    for _ in range(51):
        make_task()
    assert len(ids(api)) == 50
    assert len(ids(api, "limit=1")) == 1
    assert len(ids(api, "limit=500")) == 51


@pytest.mark.parametrize(
    ("parameter", "value", "code", "detail"),
    [
        ("limit", "0", "min_value", 'must be at least 1, got the text "0"'),
        ("limit", "-1", "min_value", 'must be at least 1, got the text "-1"'),
        ("limit", "501", "max_value", 'must be at most 500, got the text "501"'),
        ("limit", "9" * 18, "max_value", f'must be at most 500, got the text "{"9" * 18}"'),
        ("limit", "", "invalid_type", 'must be a whole number, got the text ""'),
        ("limit", "5.0", "invalid_type", 'must be a whole number, got the text "5.0"'),
        ("limit", "1_0", "invalid_type", 'must be a whole number, got the text "1_0"'),
        ("limit", "٣", "invalid_type", 'must be a whole number, got the text "٣"'),
        ("priority", "10", "max_value", 'must be at most 9, got the text "10"'),
        ("priority", "high", "invalid_type", 'must be a whole number, got the text "high"'),
        ("schedule", "7", "invalid_uuid", 'must be an id such as this service gives, got the text "7"'),
        ("operation", "\0", "nul_character", "must not contain the NUL character"),
        ("cursor", "\0", "nul_character", "must not contain the NUL character"),
        (
            "wait",
            "3",
            "unknown_field",
            "is not a known parameter; known are: created_after, created_before, cursor, fingerprint, id, limit, "
            "operation, priority, schedule, status, tag",
        ),
    ],
)
def test_it_refuses(api: Api, parameter: str, value: str, code: str, detail: str) -> None:
    path = f"/tasks/?{urlencode({parameter: value})}"
    assert api.get(path).errors() == [(parameter, code, detail)]


@pytest.mark.parametrize("status", ["pending", "DONE", ""])
def test_it_refuses_an_unknown_status(api: Api, status: str) -> None:
    ((where, code, detail),) = api.get(f"/tasks/?status=PENDING&status={status}").errors()
    assert (where, code) == ("status", "invalid_choice")
    assert detail.startswith("must be 'PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE' or 'REVOKED'")


@pytest.mark.parametrize("parameter", ["limit", "priority", "operation", "schedule", "cursor"])
def test_it_refuses_a_parameter_given_twice(api: Api, parameter: str) -> None:
    ((where, _, detail),) = api.get(f"/tasks/?{parameter}=1&{parameter}=2").errors()
    assert where == parameter
    assert detail.endswith("got a list")


def test_all_errors_are_told_at_once(api: Api) -> None:
    found = api.get("/tasks/?limit=0&priority=x&zzz=1").errors()
    assert {where for where, _, _ in found} == {"limit", "priority", "zzz"}


def test_a_long_parameter_is_not_repeated(api: Api) -> None:
    assert len(api.get(f"/tasks/?{'a' * 5_000}=1").content) < 1_000


def test_too_many_parameters(api: Api) -> None:
    api.get("/tasks/?" + "a=1&" * 1_001).problem(400, "bad_request")


def test_query_budget(api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(10):
        make_task()
    with django_assert_num_queries(1):
        # 1. SELECT ... FROM task ORDER BY id DESC LIMIT 51
        assert len(ids(api)) == 10
