"""Idempotency-Key on POST /task-schedules/, trigger and backfill."""

from typing import Any, ClassVar

import pytest
from pytest_django import DjangoAssertNumQueries

from schedules.models import TaskSchedule
from tasks_api.idempotency_rows import IdempotencyKey
from tasks_api.models import Task
from testing.api import Answer, Api
from testing.concurrency import apart

PATH = "/task-schedules/"
DAILY = {"operation": "4+7", "cron": "@daily", "name": "n"}
REPLAYED = "Idempotent-Replayed"


def post(api: Api, body: Any = DAILY, key: str = "k") -> Answer:
    return api.post(PATH, body, idempotency_key=key)


@pytest.mark.django_db
class TestSchedule:
    def test_it_works(self, api: Api) -> None:
        first, second = post(api), post(api)
        assert (first.status, second.status) == (201, 201)
        assert first.json == second.json
        assert (REPLAYED in first.headers, second.headers[REPLAYED]) == (False, "true")
        for name in ("Location", "ETag"):
            assert first.headers[name] == second.headers[name]
        assert TaskSchedule.objects.count() == 1

    def test_the_answer_is_of_now(self, api: Api) -> None:
        path = f"{PATH}{post(api).json['id']}/"
        changed = api.send("PATCH", path, b'{"priority": 9}')
        again = post(api)
        assert changed.json == {**again.json, "dropped_overrides": []}
        assert again.headers["ETag"] == changed.headers["ETag"]

    def test_without_a_key_the_name_decides(self, api: Api) -> None:
        post(api)
        api.post(PATH, DAILY).problem(409, "conflict")

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"operation": "4+7", "cron": "@dayly"}, 400),
            ({"operation": "4+7", "cron": "@daily", "name": "taken"}, 409),
        ],
    )
    def test_what_was_refused_leaves_the_key_free(self, api: Api, body: Any, status: int) -> None:
        api.post(PATH, {**DAILY, "name": "taken"})
        assert post(api, body).status == status
        assert not IdempotencyKey.objects.exists()
        assert post(api).status == 201

    def test_another_body_is_refused(self, api: Api) -> None:
        post(api)
        post(api, {**DAILY, "name": "m"}).problem(422, "idempotency_key_reused")
        assert TaskSchedule.objects.count() == 1

    def test_what_was_deleted_is_gone(self, api: Api) -> None:
        api.delete(f"{PATH}{post(api).json['id']}/")
        post(api).problem(410, "gone")
        assert not TaskSchedule.objects.exists()

    def test_it_costs_nothing_without_a_key(
        self, api: Api, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(6):
            # SELECT clock_timestamp(), SAVEPOINT, INSERT, its event, RELEASE SAVEPOINT, and what is known of its future
            assert api.post(PATH, DAILY).status == 201


@pytest.mark.django_db
class TestTrigger:
    def trigger(self, api: Api, schedule_id: Any, content: bytes = b"", key: str = "k") -> Answer:
        return api.send("POST", f"{PATH}{schedule_id}/trigger/", content, idempotency_key=key)

    def test_it_works(self, api: Api) -> None:
        schedule = api.post(PATH, DAILY).json
        first, second = self.trigger(api, schedule["id"]), self.trigger(api, schedule["id"])
        assert (first.status, second.status) == (202, 202)
        assert first.json == second.json
        assert (REPLAYED in first.headers, second.headers[REPLAYED]) == (False, "true")
        for name in ("Location", "Retry-After"):
            assert first.headers[name] == second.headers[name]
        assert self.trigger(api, schedule["id"], key="other").json["id"] != first.json["id"]
        assert Task.objects.count() == 2

    @pytest.mark.parametrize("content", [b"{}", b" null "])
    def test_no_body_in_other_words(self, api: Api, content: bytes) -> None:
        schedule = api.post(PATH, DAILY).json
        first = self.trigger(api, schedule["id"])
        assert self.trigger(api, schedule["id"], content).json == first.json

    def test_each_schedule_has_its_keys(self, api: Api) -> None:
        ids = [api.post(PATH, {**DAILY, "name": name}).json["id"] for name in "ab"]
        assert len({self.trigger(api, each).json["id"] for each in ids}) == 2

    def test_a_task_that_was_deleted_is_gone(self, api: Api) -> None:
        schedule = api.post(PATH, DAILY).json
        api.delete(f"/tasks/{self.trigger(api, schedule['id']).json['id']}/")
        self.trigger(api, schedule["id"]).problem(410, "gone")
        assert not Task.objects.exists()

    def test_what_was_refused_leaves_the_key_free(self, api: Api) -> None:
        schedule = api.post(PATH, DAILY).json
        TaskSchedule.objects.update(operation="gone")
        self.trigger(api, schedule["id"]).problem(409, "conflict")
        self.trigger(api, schedule["id"], b'{"priority": 9}').errors()
        assert not IdempotencyKey.objects.exists()
        TaskSchedule.objects.update(operation="calculate")
        assert REPLAYED not in self.trigger(api, schedule["id"]).headers

    def test_the_task_of_a_schedule_that_was_deleted_is_told(self, api: Api) -> None:
        schedule = api.post(PATH, DAILY).json
        first = self.trigger(api, schedule["id"])
        api.delete(f"{PATH}{schedule['id']}/")
        assert self.trigger(api, schedule["id"]).json == first.json


@pytest.mark.django_db
class TestBackfill:
    PERIOD: ClassVar = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-04T00:00:00Z"}

    def backfill(self, api: Api, schedule_id: Any, query: str = "", **more: Any) -> Answer:
        return api.post(f"{PATH}{schedule_id}/backfill/{query}", {**self.PERIOD, **more}, idempotency_key="k")

    def test_it_works(self, api: Api) -> None:
        schedule = api.post(PATH, DAILY).json
        first, second = self.backfill(api, schedule["id"]), self.backfill(api, schedule["id"])
        assert (first.status, second.status, second.headers[REPLAYED]) == (202, 202, "true")
        assert first.json == second.json
        assert (first.json["count"], first.json["left"], Task.objects.count()) == (3, [], 3)

    def test_it_is_told_as_it_was(self, api: Api) -> None:
        schedule = api.post(PATH, DAILY).json
        first = self.backfill(api, schedule["id"])
        api.delete(f"/tasks/{first.json['results'][0]['task']}/")
        api.delete(f"{PATH}{schedule['id']}/")
        assert self.backfill(api, schedule["id"]).json == first.json

    def test_another_period_is_refused(self, api: Api) -> None:
        schedule = api.post(PATH, DAILY).json
        self.backfill(api, schedule["id"])
        again = self.backfill(api, schedule["id"], to="2026-01-05T00:00:00Z")
        again.problem(422, "idempotency_key_reused")
        assert Task.objects.count() == 3

    @pytest.mark.parametrize(("query", "more"), [("?dry_run=true", {}), ("", {"dry_run": True})])
    def test_a_dry_run_takes_no_key(self, api: Api, query: str, more: dict[str, bool]) -> None:
        schedule = api.post(PATH, DAILY).json
        assert self.backfill(api, schedule["id"], query, **more).status == 202
        assert not IdempotencyKey.objects.exists()

    def test_what_was_refused_leaves_the_key_free(self, api: Api) -> None:
        schedule = api.post(PATH, DAILY).json
        assert self.backfill(api, schedule["id"], to="2126-01-01T00:00:00Z").status == 400
        assert not IdempotencyKey.objects.exists()
        assert REPLAYED not in self.backfill(api, schedule["id"]).headers

    def test_it_costs_nothing_without_a_key(self, api: Api) -> None:
        schedule = api.post(PATH, DAILY).json
        assert api.post(f"{PATH}{schedule['id']}/backfill/", self.PERIOD).status == 202
        assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_schedule_that_is_triggered_by_many_at_once(api: Api) -> None:
    path = f"{PATH}{api.post(PATH, DAILY).json['id']}/trigger/"
    answers = [
        future.result(30)
        for future in [apart(lambda: Api().send("POST", path, idempotency_key="k")) for _ in range(6)]
    ]
    assert {answer.status for answer in answers} == {202}
    assert len({answer.json["id"] for answer in answers}) == Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once(api: Api) -> None:
    answers = [future.result(30) for future in [apart(lambda: post(Api())) for _ in range(6)]]
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sorted(REPLAYED in answer.headers for answer in answers) == [False] + [True] * 5
    assert TaskSchedule.objects.count() == 1
