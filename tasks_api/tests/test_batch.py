"""POST /tasks/batch-request/"""

import tracemalloc
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from access.actor import NOBODY
from rest.renderers import JSONRenderer
from tasks_api.api import batches
from tasks_api.broker.publisher import publisher
from tasks_api.models import Task
from tasks_api.submission import Born, NewTask
from tasks_api.window import IDLE
from testing.api import Api, error_of
from testing.broker import Lists
from testing.factories import ago

PATH = "/tasks/batch-request/"
SUM = {"operation": "4+7"}
TOO_URGENT = {"operation": "4+7", "priority": 12}
UNKNOWN = {"operation": "calcuate"}


def refused(body: Any) -> list[tuple[int, list[tuple[str, str]]]]:
    """Of each item that was refused, its index, and where and why."""
    return [(item["index"], [error_of(error)[:2] for error in item["errors"]]) for item in body["errors"]]


@pytest.mark.django_db
class TestBatch:
    def test_it_works(self, api: Api) -> None:
        answer = api.post(PATH, [SUM, {"operation": "sleep", "arguments": {"seconds": 0}, "priority": 9}])
        assert answer.status == 202
        first, second = answer.json["tasks"]
        assert (first["index"], first["operation"], first["priority"]) == (0, "calculate", 5)
        assert (second["index"], second["operation"], second["priority"]) == (1, "sleep", 9)
        assert answer.json["errors"] == []

    def test_each_is_read_back_the_same(self, api: Api) -> None:
        for task in api.post(PATH, [SUM, SUM]).json["tasks"]:
            del task["index"]
            assert api.get(f"/tasks/{task['id']}/").json == task

    def test_ids_are_in_the_order_given(self, api: Api) -> None:
        ids = [task["id"] for task in api.post(PATH, [SUM] * 1_000).json["tasks"]]
        assert ids == sorted(set(ids))

    def test_valid_items_are_created_and_the_others_told(self, api: Api) -> None:
        answer = api.post(PATH, [TOO_URGENT, SUM, 7, SUM, UNKNOWN])
        assert answer.status == 202
        assert [task["index"] for task in answer.json["tasks"]] == [1, 3]
        assert refused(answer.json) == [
            (0, [("#/0/priority", "max_value")]),
            (2, [("#/2", "invalid_type")]),
            (4, [("#/4/operation", "unknown_operation")]),
        ]
        assert Task.objects.count() == 2

    def test_too_large_arguments_are_an_error_of_their_item(self, api: Api) -> None:
        large = {"operation": "calculate", "arguments": {"expression": "1" * 262_144}}
        answer = api.post(PATH, [SUM, large])
        assert answer.status == 202
        assert refused(answer.json) == [(1, [("#/1/arguments", "too_large")])]

    def test_of_very_many_errors_each_item_tells_its_first(self, api: Api) -> None:
        wrong = {"operation": "4+7", "tags": [""] * 20}
        items = api.post(PATH, [wrong] * 100).json["errors"]
        assert [item["index"] for item in items] == list(range(100))
        assert [len(item["errors"]) for item in items] == [20] * 50 + [1] * 50

    def test_an_empty_one_creates_nothing(self, api: Api) -> None:
        answer = api.post(PATH, [])
        assert (answer.status, answer.json) == (202, {"tasks": [], "errors": []})

    def test_nothing_valid_is_refused(self, api: Api) -> None:
        problem = api.post(PATH, [TOO_URGENT, UNKNOWN]).problem(400, "invalid_input")
        assert [index for index, _ in refused(problem)] == [0, 1]
        assert problem["tasks"] == []

    def test_atomic_is_all(self, api: Api) -> None:
        assert len(api.post(f"{PATH}?atomic=true", [SUM, SUM]).json["tasks"]) == 2

    def test_or_nothing(self, api: Api) -> None:
        problem = api.post(f"{PATH}?atomic=true", [SUM, TOO_URGENT]).problem(400, "invalid_input")
        assert refused(problem) == [(1, [("#/1/priority", "max_value")])]
        assert problem["detail"] == "invalid items in the batch: 1 of 2 tasks; none was created"
        assert not Task.objects.exists()

    def test_not_atomic_can_be_said(self, api: Api) -> None:
        assert api.post(f"{PATH}?atomic=false", [SUM, TOO_URGENT]).status == 202

    @pytest.mark.parametrize("query", ["atomic=1", "atomic=True", "atomic=", "atomic=true&atomic=true"])
    def test_atomic_is_true_or_false(self, api: Api, query: str) -> None:
        ((where, code, _),) = api.post(f"{PATH}?{query}", [SUM]).errors()
        assert (where, code) == ("atomic", "invalid_type")

    @pytest.mark.parametrize("body", [{}, SUM, None, 7, "4+7"])
    def test_it_must_be_a_list(self, api: Api, body: Any) -> None:
        assert api.post(PATH, body).errors() == [("#", "invalid_type", "the body must be a list of tasks")]

    def test_an_empty_body_is_no_list(self, api: Api) -> None:
        assert api.send("POST", PATH).errors() == [("#", "invalid_type", "the body must be a list of tasks")]

    def test_it_has_a_limit(self, api: Api, settings: Settings) -> None:
        settings.BATCH_MAX_TASKS = 3
        assert api.post(PATH, [SUM] * 3).status == 202
        detail = "the body must have at most 3 tasks, got 4"
        assert api.post(PATH, [SUM] * 4).errors() == [("#", "max_length", detail)]

    def test_query_budget(self, api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(1):
            # 1. INSERT INTO task ... SELECT ... FROM jsonb_to_recordset, for all of them
            assert len(api.post(PATH, [SUM] * 1_000).json["tasks"]) == 1_000
        assert Task.objects.count() == 1_000

    def test_its_answer_takes_little_more_memory_than_its_text(self, api: Api) -> None:
        new = [NewTask(operation="add", arguments={"x": 1}, max_attempts=1, timeout_seconds=1.0)] * 2_000
        shown = Born(new, ago(0), []).shown()
        tracemalloc.start()
        try:
            answer = batches.tell(enumerate(shown), [], NOBODY)
            size = len(JSONRenderer().render(answer.data))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < 4 * size


@pytest.mark.django_db(transaction=True)
class TestItsMessages:
    def test_it_works(self, api: Api, broker: Lists) -> None:
        priorities = [1, 9, 5, 9, 0, 5]
        tasks = api.post(PATH, [SUM | {"priority": priority} for priority in priorities]).json["tasks"]
        assert publisher.drain(60)
        urgent_first = sorted(tasks, key=lambda task: (-task["priority"], task["index"]))
        assert [message.task_id for message in broker.sent()] == [task["id"] for task in urgent_first]

    def test_as_many_as_there_is_room_for_arrive(self, api: Api, broker: Lists) -> None:
        """The others wait in Postgres."""
        tasks = api.post(PATH, [SUM] * 1_234).json["tasks"]
        assert publisher.drain(60)
        assert [message.task_id for message in broker.sent()] == [task["id"] for task in tasks[:IDLE]]

    def test_only_what_was_created_and_is_due(self, api: Api, broker: Lists) -> None:
        later = SUM | {"run_at": "2999-01-01T00:00:00Z"}
        due, _ = api.post(PATH, [SUM, later, TOO_URGENT]).json["tasks"]
        assert publisher.drain(60)
        assert [message.task_id for message in broker.sent()] == [due["id"]]
