"""Idempotency-Key on POST /tasks/ and /tasks/batch-request/"""

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from tasks_api import idempotency, submission
from tasks_api.api import batches, creating
from tasks_api.broker.publisher import publisher
from tasks_api.idempotency_rows import IdempotencyKey
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.submission import Born
from testing.api import Answer, Api
from testing.broker import Lists
from testing.concurrency import apart, eventually, waiting_for_locks

TASKS, BATCH = "/tasks/", "/tasks/batch-request/"
SUM = {"operation": "4+7"}
TOO_URGENT = {"operation": "4+7", "priority": 12}
REPLAYED = "Idempotent-Replayed"


def post(api: Api, body: Any = SUM, key: str = "k", path: str = TASKS) -> Answer:
    return api.post(path, body, idempotency_key=key)


def count() -> int:
    return Task.objects.count()


@pytest.mark.django_db
class TestTask:
    def test_it_works(self, api: Api) -> None:
        first, second = post(api), post(api)
        assert (first.status, second.status) == (202, 202)
        assert first.json == second.json
        assert REPLAYED not in first.headers
        assert second.headers[REPLAYED] == "true"
        for name in ("Location", "Retry-After"):
            assert first.headers[name] == second.headers[name]
        assert count() == 1

    def test_the_answer_is_of_now(self, api: Api) -> None:
        task = post(api).json
        api.post(f"/tasks/{task['id']}/cancel/", {})
        assert post(api).json == api.get(f"/tasks/{task['id']}/").json
        assert post(api).json["status"] == Status.REVOKED

    def test_another_key_is_another_request(self, api: Api) -> None:
        assert post(api, key="k").json["id"] != post(api, key="K").json["id"]

    def test_without_a_key_each_is_new(self, api: Api) -> None:
        assert api.post(TASKS, SUM).json["id"] != api.post(TASKS, SUM).json["id"]
        assert not IdempotencyKey.objects.exists()

    def test_another_path_is_another_request(self, api: Api) -> None:
        post(api)
        answer = post(api, [SUM], path=BATCH)
        assert (answer.status, REPLAYED in answer.headers) == (202, False)

    def test_the_last_slash_does_not_matter(self, api: Api) -> None:
        assert post(api, path="/tasks").json == post(api, path="/tasks/").json
        assert count() == 1

    @pytest.mark.parametrize("body", [{"operation": "4+8"}, {"operation": "4+7", "tags": []}, TOO_URGENT, []])
    def test_another_body_is_refused(self, api: Api, body: Any) -> None:
        post(api)
        problem = post(api, body).problem(422, "idempotency_key_reused")
        assert "nothing was changed" in problem["detail"]
        assert count() == 1

    @pytest.mark.parametrize(
        "text",
        [
            b'{"priority":7,"operation":"sum","arguments":{"numbers":[1,2.50]}}',
            b'\n{ "operation" : "\\u0073um",\t"arguments": { "numbers" : [1,2.5 ]}, "priority": 7 }\r\n',
        ],
    )
    def test_white_space_and_order_do_not_matter(self, api: Api, text: bytes) -> None:
        body = b'{"operation": "sum", "arguments": {"numbers": [1, 2.5]}, "priority": 7}'
        first = api.send("POST", TASKS, body, idempotency_key="k")
        second = api.send("POST", TASKS, text, idempotency_key="k")
        assert (second.status, second.json, second.headers[REPLAYED]) == (202, first.json, "true")
        assert count() == 1

    @pytest.mark.parametrize("numbers", [b"[2, 1]", b"[1, 3]", b"[1, 2.0]", b"[1, 2, 0]", b"[]"])
    def test_values_do_matter(self, api: Api, numbers: bytes) -> None:
        text = b'{"operation": "sum", "arguments": {"numbers": %s}}'
        assert api.send("POST", TASKS, text % b"[1, 2]", idempotency_key="k").status == 202
        answer = api.send("POST", TASKS, text % numbers, idempotency_key="k")
        answer.problem(422, "idempotency_key_reused")

    def test_a_key_that_an_earlier_release_kept(self, api: Api) -> None:
        """It hashed the bytes; they tell the same request still, and no other."""
        text = b'{"operation": "4+7"}'
        first = api.send("POST", TASKS, text, idempotency_key="k").json
        IdempotencyKey.objects.update(request_hash=hashlib.sha256(b"\n" + text).digest())
        again = api.send("POST", TASKS, text, idempotency_key="k")
        assert (again.json, again.headers[REPLAYED]) == (first, "true")
        post(api, {"operation": "4+8"}).problem(422, "idempotency_key_reused")

    def test_what_was_refused_leaves_the_key_free(self, api: Api) -> None:
        assert post(api, TOO_URGENT).status == 400
        assert api.send("POST", TASKS, b"{", idempotency_key="k").status == 400
        assert not IdempotencyKey.objects.exists()
        answer = post(api)
        assert (answer.status, REPLAYED in answer.headers) == (202, False)

    def test_what_was_deleted_is_gone_and_not_made_anew(self, api: Api) -> None:
        api.delete(f"/tasks/{post(api).json['id']}/")
        problem = post(api).problem(410, "gone")
        assert "has since been deleted" in problem["detail"]
        assert count() == 0

    @pytest.mark.parametrize("key", ["k", "!", "~" * 255, "a=b;c/d", "7", '"', "\\"])
    def test_keys(self, api: Api, key: str) -> None:
        quoted = '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
        assert post(api, key=quoted).status == 202
        assert IdempotencyKey.objects.get().key == key

    def test_quotes_do_not_matter(self, api: Api) -> None:
        assert post(api, key='"k"').json == post(api, key="k").json

    @pytest.mark.parametrize(
        "key",
        ["", '""', '"', '"a', "a b", '"a b"', '"a"b"', '"\\a"', "ü", "a" * 256, f'"{"a" * 256}"', "\x7f"],
    )
    def test_it_refuses_what_is_no_key(self, api: Api, key: str) -> None:
        assert [error[:2] for error in post(api, key=key).errors()] == [("Idempotency-Key", "invalid_key")]
        assert count() == 0

    def test_query_budget(self, api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(5):
            # 1. SAVEPOINT (in a test; else BEGIN) 2. INSERT INTO idempotency_key 3. INSERT INTO task
            # 4. UPDATE idempotency_key 5. RELEASE SAVEPOINT (else COMMIT)
            assert post(api).status == 202
        with django_assert_num_queries(5):
            # 2. INSERT INTO idempotency_key, which finds it 3. SELECT ... FROM idempotency_key
            # 5. SELECT ... FROM task
            assert post(api).status == 202


@pytest.mark.django_db
class TestBatch:
    def test_it_works(self, api: Api) -> None:
        body = [TOO_URGENT, SUM, {"operation": "calcuate"}, {"operation": "2+2"}, 7]
        first, second = post(api, body, path=BATCH), post(api, body, path=BATCH)
        assert (first.status, second.status, second.headers[REPLAYED]) == (202, 202, "true")
        assert first.json == second.json
        assert [task["index"] for task in second.json["tasks"]] == [1, 3]
        assert [error["index"] for error in second.json["errors"]] == [0, 2, 4]
        assert count() == 2

    def test_an_empty_one(self, api: Api) -> None:
        assert post(api, [], path=BATCH).json == post(api, [], path=BATCH).json == {"tasks": [], "errors": []}

    def test_a_large_one(self, api: Api) -> None:
        body = [SUM] * 1_000
        assert post(api, body, path=BATCH).json == post(api, body, path=BATCH).json
        assert count() == 1_000

    def test_what_was_deleted_is_left_out(self, api: Api) -> None:
        first, second = post(api, [SUM, SUM], path=BATCH).json["tasks"]
        api.delete(f"/tasks/{first['id']}/")
        assert post(api, [SUM, SUM], path=BATCH).json == {"tasks": [second], "errors": []}

    def test_what_was_refused_leaves_the_key_free(self, api: Api) -> None:
        assert post(api, [SUM, TOO_URGENT], path=f"{BATCH}?atomic=true").status == 400
        assert not IdempotencyKey.objects.exists()

    def test_another_query_is_another_request(self, api: Api) -> None:
        post(api, [SUM], path=BATCH)
        post(api, [SUM], path=f"{BATCH}?atomic=true").problem(422, "idempotency_key_reused")

    def test_what_became_valid_since_is_not_told_as_wrong(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After an upgrade, for instance. Nothing is made of it."""
        post(api, [SUM, TOO_URGENT], path=BATCH)
        monkeypatch.setattr(batches, "new_tasks", lambda body, origin: (body, []))
        answer = post(api, [SUM, TOO_URGENT], path=BATCH).json
        assert ([task["index"] for task in answer["tasks"]], answer["errors"]) == ([0], [])
        assert count() == 1


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_the_second_waits_and_is_answered_the_same(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        entered, go_on = threading.Event(), threading.Event()

        def slowly(tasks: Any) -> Born:
            entered.set()
            assert go_on.wait(30)
            return submission.submit(tasks)

        monkeypatch.setattr(creating, "submit", slowly)
        first = apart(lambda: post(Api()))
        assert entered.wait(30)
        second = apart(lambda: post(Api()))
        eventually(waiting_for_locks)
        assert not second.done()
        go_on.set()
        answers = [first.result(30), second.result(30)]
        assert answers[0].json == answers[1].json
        assert [REPLAYED in answer.headers for answer in answers] == [False, True]
        assert count() == 1

    def test_if_the_first_fails_the_second_does_it(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        entered, go_on = threading.Event(), threading.Event()

        def fail(_tasks: Any) -> list[Task]:
            entered.set()
            assert go_on.wait(30)
            raise RuntimeError("a crash before the end of the transaction")

        with monkeypatch.context() as patched:
            patched.setattr(creating, "submit", fail)
            first = apart(lambda: post(Api()))
            assert entered.wait(30)
        second = apart(lambda: post(Api()))
        eventually(waiting_for_locks)
        go_on.set()
        assert first.result(30).status == 500
        answer = second.result(30)
        assert (answer.status, REPLAYED in answer.headers) == (202, False)
        assert count() == 1

    def test_many(self, api: Api) -> None:
        answers = [apart(lambda: post(Api(), [SUM, TOO_URGENT], path=BATCH)) for _ in range(8)]
        found = [answer.result(30) for answer in answers]
        assert {answer.status for answer in found} == {202}
        assert len({answer.json["tasks"][0]["id"] for answer in found}) == 1
        assert sorted(REPLAYED in answer.headers for answer in found) == [False] + [True] * 7
        assert count() == 1

    def test_a_connection_that_is_cut_before_the_end_leaves_nothing(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def cut(tasks: Any) -> Born:
            born = submission.submit(tasks)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            return born

        with monkeypatch.context() as patched:
            patched.setattr(creating, "submit", cut)
            post(api).problem(503, "database_away")
        connection.close()
        assert (count(), IdempotencyKey.objects.count()) == (0, 0)
        assert REPLAYED not in post(api).headers

    def test_one_message_is_sent(self, api: Api, broker: Lists) -> None:
        task = post(api).json
        post(api)
        assert publisher.drain(60)
        assert [message.task_id for message in broker.sent()] == [task["id"]]


@pytest.mark.django_db
class TestForgetting:
    def age(self, hours: float) -> None:
        IdempotencyKey.objects.update(created_at=F("created_at") - timedelta(hours=hours))

    def test_it_works(self, api: Api) -> None:
        post(api, key="old")
        self.age(24.1)
        post(api, key="new")
        assert idempotency.forget_old_keys(10) == 1
        assert IdempotencyKey.objects.get().key == "new"
        assert count() == 2

    def test_it_forgets_the_oldest_up_to_a_limit(self, api: Api) -> None:
        for key in ("a", "b", "c"):
            post(api, key=key)
        IdempotencyKey.objects.filter(key="b").update(created_at="2020-01-01T00:00:00Z")
        IdempotencyKey.objects.filter(key="c").update(created_at="2021-01-01T00:00:00Z")
        assert idempotency.forget_old_keys(1) == 1
        assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"a", "c"}

    def test_one_that_is_just_old_enough_is_kept(self, api: Api) -> None:
        post(api)
        self.age(23.9)
        assert idempotency.forget_old_keys(10) == 0
        assert post(api).headers[REPLAYED] == "true"

    def test_an_old_one_that_is_still_there_does_not_count(self, api: Api) -> None:
        first = post(api).json
        self.age(24.1)
        second = post(api, {"operation": "1+1"})
        assert (second.status, REPLAYED in second.headers) == (202, False)
        assert post(api, {"operation": "1+1"}).json == second.json != first
        assert IdempotencyKey.objects.count() == 1
