"""`/ui/operations/`: what tasks can do, and trying it."""

import re

import pytest
from pytest_django import DjangoAssertNumQueries

from operations import catalogue
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.access import Browser, make_person, make_project
from testing.factories import make_task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("broker")]

CALCULATE = "/ui/operations/calculate/"
HTTP = "/ui/operations/http_request/"
HOSTILE = "<script>alert(1)</script>"


def test_the_catalogue() -> None:
    page = Browser().read("/ui/operations/")
    for operation in catalogue.all():
        assert f"/ui/operations/{operation.name}/" in page


@pytest.mark.parametrize("operation", catalogue.all(), ids=lambda operation: operation.name)
def test_each_has_a_form(operation: object) -> None:
    page = Browser().read(f"/ui/operations/{operation.name}/")  # type: ignore[attr-defined]
    assert "<form" in page
    assert "<textarea" in Browser().read(f"/ui/operations/{operation.name}/?as=json")  # type: ignore[attr-defined]


def test_one_that_is_not_there() -> None:
    assert Browser().get("/ui/operations/nonsense/").status_code == 404


def test_sent_twice_it_creates_one() -> None:
    browser = Browser()
    fields = {"arguments.expression": "4+7", "once": token_of(browser.read(CALCULATE))}
    first, again = (browser.send(CALCULATE, fields) for _ in range(2))
    assert first["Location"] == again["Location"]
    assert Task.objects.count() == 1
    # Once more with other values, as after the browser's "back".
    assert browser.send(CALCULATE, {**fields, "arguments.expression": "1"})["Location"] != first["Location"]
    assert Task.objects.count() == 2


def test_what_was_wrong_is_mended_in_the_same_form() -> None:
    browser = Browser()
    fields = {"arguments.expression": "", "once": token_of(browser.read(CALCULATE))}
    assert browser.send(CALCULATE, fields).status_code == 422
    assert browser.send(CALCULATE, fields).status_code == 422
    assert browser.send(CALCULATE, {**fields, "arguments.expression": "1"}).status_code == 303
    assert (
        browser.send(CALCULATE, {**fields, "once": "nonsense", "arguments.expression": "1"}).status_code
        == 303
    )
    assert Task.objects.count() == 2


def token_of(page: str) -> str:
    found = re.search(r'name="once" value="(\w{32})"', page)
    assert found
    return found[1]


def test_the_form_creates_a_task() -> None:
    browser = Browser()
    answer = browser.send(CALCULATE, {"arguments.expression": "4+7", "task.priority": "9"})
    task = Task.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"{CALCULATE}?task={task.id}")
    assert (task.operation, task.arguments, task.priority) == ("calculate", {"expression": "4+7"}, 9)
    page = browser.read(answer["Location"])
    assert str(task.id) in page
    assert "PENDING" in page


def test_whole_numbers_stay_exact() -> None:
    many = "9" * 300
    assert Browser().send("/ui/operations/add/", {"arguments.x": many, "arguments.y": "1"}).status_code == 303
    assert Task.objects.get().arguments == {"x": int(many), "y": 1}


def test_as_json() -> None:
    body = {"arguments.#": '{"expression": "1+1"}'}
    assert Browser().send(CALCULATE, body, page=f"{CALCULATE}?as=json").status_code == 303
    assert Task.objects.get().arguments == {"expression": "1+1"}


def test_what_is_wrong_is_told_beside_its_field() -> None:
    sent = {"arguments.url": "ftp://x", "arguments.follow_redirects": "many", "task.priority": "5"}
    answer = Browser().send(HTTP, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "must be a whole number, got &quot;many&quot;" in page
    assert page.count('aria-invalid="true"') == 1
    assert "No task was created." in page
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        ({"arguments.url": "https://x", "task.priority": "12"}, "must be at most 9, got 12"),
        ({"arguments.url": "https://x", "arguments.follow_redirects": "77"}, "must be at most 10, got 77"),
        ({"arguments.url": ""}, "is required"),
    ],
)
def test_what_the_api_refuses_is_told_beside_its_field(sent: dict[str, str], detail: str) -> None:
    answer = Browser().send(HTTP, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert detail in page
    assert page.count('aria-invalid="true"') == 1
    assert not Task.objects.exists()


def test_what_was_written_is_text() -> None:
    answer = Browser().send(CALCULATE, {"arguments.expression": HOSTILE, "task.tags": HOSTILE})
    page = answer.content.decode()
    assert HOSTILE not in page


def test_what_a_task_brought_is_text() -> None:
    task = make_task(Status.SUCCESS, result={"a": HOSTILE}, arguments={"expression": HOSTILE})
    page = Browser().read(f"{CALCULATE}?task={task.id}")
    assert "SUCCESS" in page
    assert HOSTILE not in page


@pytest.mark.parametrize("query", ["example=99", "example=x", "example=-1", "task=nonsense", "as=xml"])
def test_queries_that_mean_nothing(query: str) -> None:
    assert "<form" in Browser().read(f"{CALCULATE}?{query}")


def test_it_costs_few_statements(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    make_person()
    browser = Browser()
    browser.log_in()
    task = make_task(Status.SUCCESS)
    for path in ("/ui/operations/", f"{CALCULATE}?task={task.id}"):
        with django_assert_max_num_queries(12):
            browser.read(path)


def test_a_viewer_may_not() -> None:
    make_person(role="viewer")
    browser = Browser()
    browser.log_in()
    page = browser.read(CALCULATE)
    assert 'name="arguments.expression"' not in page
    token = browser.client.cookies["punctual_csrf"].value
    answer = browser.client.post(CALCULATE, {"arguments.expression": "4+7"}, headers={"X-CSRFToken": token})
    assert answer.status_code == 403
    assert not Task.objects.exists()


def test_whoever_may_not_see_payloads_sees_none() -> None:
    make_person(role="viewer")
    browser = Browser()
    browser.log_in()
    task = make_task(Status.SUCCESS, result="a secret result")
    page = browser.read(f"{CALCULATE}?task={task.id}")
    assert "SUCCESS" in page
    assert "a secret result" not in page


def test_another_projects_task_is_not_there() -> None:
    own = make_project("own")
    task = make_task(Status.SUCCESS, project_id=own.id, result=11)
    make_person(role=None, other="admin")
    browser = Browser()
    browser.log_in()
    assert "SUCCESS" not in browser.read(f"{CALCULATE}?task={task.id}")
