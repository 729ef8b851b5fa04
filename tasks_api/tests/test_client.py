"""submit_operation: tasks for code that runs inside this Django."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from access.actor import DEFAULT_PROJECT_ID
from rest.problems import InvalidInput
from tasks_api.broker.publisher import publisher
from tasks_api.client import submit_operation
from tasks_api.models import Task
from testing.access import make_project
from testing.api import Api
from testing.broker import Lists

FAR = datetime(2998, 1, 2, 3, 4, 5, tzinfo=UTC)
FULL: dict[str, Any] = {
    "priority": 9,
    "run_at": FAR,
    "expires_at": FAR.replace(year=2999),
    "timeout_seconds": 7.5,
    "max_attempts": 4,
    "tags": ["nightly", "ü"],
}


@pytest.mark.django_db
def test_it_makes_what_the_api_makes(api: Api) -> None:
    for extra in ({}, FULL):
        body = {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in extra.items()
        }
        from_outside = api.post("/tasks/", {"operation": "sleep", "arguments": {"seconds": 1}, **body}).json
        task = submit_operation("sleep", {"seconds": 1}, **extra)
        from_inside = api.get(f"/tasks/{task.id}/").json
        own = {"id", "created_at", *(() if extra else ("run_at",))}
        assert {name: from_inside[name] for name in from_inside.keys() - own} == {
            name: from_outside[name] for name in from_outside.keys() - own
        }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("operation", "arguments", "extra", "location"),
    [
        ("slep", {}, {}, ("operation",)),
        ("sleep", {}, {}, ("arguments", "seconds")),
        ("sleep", {"seconds": "1"}, {}, ("arguments", "seconds")),
        ("sleep", {"seconds": 1, "x\0": 2}, {}, ("arguments",)),
        ("sleep", {"seconds": 1}, {"priority": 10}, ("priority",)),
        ("sleep", {"seconds": 1}, {"run_at": datetime(2998, 1, 2)}, ("run_at",)),  # noqa: DTZ001 (what is refused)
        ("sleep", {"seconds": 1}, {"expires_at": FAR, "run_at": FAR}, ("expires_at",)),
        ("sleep", {"seconds": 1}, {"delay_seconds": -1}, ("delay_seconds",)),
        ("sleep", {"seconds": 1}, {"tags": ["a\0"]}, ("tags", 0)),
        ("sleep", {"seconds": 1}, {"tags": ["a", 7]}, ("tags", 1)),
        ("sleep", {"seconds": 1}, {"tags": "abc"}, ("tags",)),
    ],
)
def test_what_the_api_refuses_is_refused(
    operation: str, arguments: dict[str, Any], extra: dict[str, Any], location: tuple[str | int, ...]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        submit_operation(operation, arguments, **extra)
    assert [error.location for error in caught.value.errors] == [location]
    assert not Task.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_hear_of_it_when_the_transaction_is_committed(broker: Lists) -> None:
    with transaction.atomic():
        task = submit_operation("sleep", {"seconds": 1})
        assert publisher.drain(60)
        assert broker.sent() == []
    assert publisher.drain(60)
    assert [sent.task_id for sent in broker.sent()] == [str(task.id)]


@pytest.mark.django_db(transaction=True)
def test_with_a_transaction_that_fails_it_never_was(broker: Lists) -> None:
    with transaction.atomic():
        submit_operation("sleep", {"seconds": 1})
        transaction.set_rollback(True)
    assert publisher.drain(60)
    assert (broker.sent(), Task.objects.exists()) == ([], False)


@pytest.mark.django_db
class TestInAProject:
    def test_it_is_the_one_that_is_named(self) -> None:
        acme = make_project()
        task = submit_operation("4+7", project="acme")
        task.refresh_from_db()
        assert (task.project_id, task.created_by) == (acme.id, None)
        assert submit_operation("4+7", project="default").project_id == DEFAULT_PROJECT_ID

    def test_one_that_there_is_not(self) -> None:
        with pytest.raises(InvalidInput) as refusal:
            submit_operation("4+7", project="acne")
        [error] = refusal.value.errors
        assert (error.location, error.code) == (("project",), "unknown_project")
        assert "'acne'" in error.detail
        assert not Task.objects.exists()
