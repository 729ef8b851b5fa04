"""Idempotency-Key on POST /task-schedules/"""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from schedules.models import TaskSchedule
from tasks_api.models import IdempotencyKey
from testing.api import Answer, Api
from testing.concurrency import apart

PATH = "/task-schedules/"
DAILY = {"operation": "4+7", "cron": "@daily", "name": "n"}
REPLAYED = "Idempotent-Replayed"


@pytest.fixture
def api() -> Api:
    """A caller."""
    return Api()


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
        with django_assert_num_queries(5):
            # SELECT clock_timestamp(), SAVEPOINT, INSERT, RELEASE SAVEPOINT, and what is known of its future
            assert api.post(PATH, DAILY).status == 201


@pytest.mark.django_db(transaction=True)
def test_many_at_once(api: Api) -> None:
    told = [future.result(30) for future in [apart(lambda: post(Api())) for _ in range(6)]]
    assert {answer.status for answer in told} == {201}
    assert len({answer.json["id"] for answer in told}) == 1
    assert sorted(REPLAYED in answer.headers for answer in told) == [False] + [True] * 5
    assert TaskSchedule.objects.count() == 1
