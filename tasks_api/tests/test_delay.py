"""`delay_seconds` of a task: instead of `run_at`, counted from its creation."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from rest.problems import InvalidInput
from tasks_api.broker.publisher import publisher
from tasks_api.client import submit_operation
from tasks_api.models import Task
from testing.api import Api, error_of
from testing.broker import Lists

SUM = {"operation": "4+7"}
FAR_AHEAD = "2999-01-02T03:04:05Z"


def waits(task: dict[str, Any]) -> float:
    """How many seconds after its creation a task may run."""
    run_at, created_at = (datetime.fromisoformat(task[name]) for name in ("run_at", "created_at"))
    return (run_at - created_at).total_seconds()


@pytest.mark.django_db
class TestDelay:
    @pytest.mark.parametrize("delay", [0, 0.25, 1, 90, 0.123456, 12_345_678.9, 316_224_000])
    def test_it_counts_from_the_creation(self, api: Api, delay: float) -> None:
        created = api.post("/tasks/", {**SUM, "delay_seconds": delay})
        assert waits(created.json) == delay
        assert api.get(created.headers["Location"]).json == created.json

    def test_null_is_no_delay(self, api: Api) -> None:
        assert waits(api.post("/tasks/", {**SUM, "delay_seconds": None}).json) == 0

    @pytest.mark.parametrize(
        ("given", "error"),
        [
            ({"delay_seconds": -0.1}, ("#/delay_seconds", "min_value")),
            ({"delay_seconds": 316_224_001}, ("#/delay_seconds", "max_value")),
            ({"delay_seconds": "60"}, ("#/delay_seconds", "invalid_type")),
            ({"delay_seconds": True}, ("#/delay_seconds", "invalid_type")),
            ({"delay_seconds": 60, "run_at": FAR_AHEAD}, ("#/delay_seconds", "conflict")),
            ({"delay_seconds": 0, "run_at": FAR_AHEAD}, ("#/delay_seconds", "conflict")),
        ],
    )
    def test_refusals(self, api: Api, given: dict[str, Any], error: tuple[str, str]) -> None:
        assert api.post("/tasks/", {**SUM, **given}).errors()[0][:2] == error

    def test_it_must_end_before_the_task_expires(self, api: Api) -> None:
        soon = (datetime.now().astimezone() + timedelta(minutes=5)).isoformat()
        assert api.post("/tasks/", {**SUM, "delay_seconds": 60, "expires_at": soon}).status == 202
        [error] = api.post("/tasks/", {**SUM, "delay_seconds": 600, "expires_at": soon}).errors()
        assert error[:2] == ("#/expires_at", "too_early")
        assert "the end of delay_seconds" in error[2]

    def test_each_item_of_a_batch_has_its_own(self, api: Api) -> None:
        items = [SUM, {**SUM, "delay_seconds": 60}, {**SUM, "delay_seconds": 1, "run_at": FAR_AHEAD}]
        answer = api.post("/tasks/batch-request/", items).json
        assert [waits(task) for task in answer["tasks"]] == [0, 60]
        assert [error_of(each["errors"][0])[:2] for each in answer["errors"]] == [
            ("#/2/delay_seconds", "conflict")
        ]

    def test_it_costs_no_statement(self, api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(1):
            api.post("/tasks/", {**SUM, "delay_seconds": 60, "expires_at": FAR_AHEAD})

    def test_from_inside_django(self) -> None:
        task = submit_operation("4+7", delay_seconds=1.5)
        assert task.run_at - task.created_at == timedelta(seconds=1.5)
        with pytest.raises(InvalidInput):
            submit_operation("4+7", delay_seconds=1.5, run_at=task.run_at)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("delay", "sent"), [(0, 1), (60, 0)])
def test_its_message_is_sent_once_it_is_over(api: Api, broker: Lists, delay: float, sent: int) -> None:
    task = Task.objects.get(id=api.post("/tasks/", {**SUM, "delay_seconds": delay}).json["id"])
    assert publisher.drain(60)
    assert (len(broker.sent()), task.dispatch_count) == (sent, sent)
    assert sent or task.dispatch_at == task.run_at
