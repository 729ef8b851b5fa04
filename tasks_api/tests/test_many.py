"""POST /tasks/cancel/, POST /tasks/retry/"""

from collections import Counter
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from tasks_api import actions, transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import REVIVE, WAITING, Status
from tasks_api.models import Task
from tasks_api.upkeep import Upkeep
from testing.api import Api
from testing.broker import Lists
from testing.factories import make_task

CANCEL, RETRY = "/tasks/cancel/", "/tasks/retry/"
BOTH = pytest.mark.parametrize("path", [CANCEL, RETRY])


def ask(api: Api, path: str, query: str) -> Any:
    answer = api.post(f"{path}?{query}", {})
    assert answer.status == 200, answer.content
    return answer.json


def statuses() -> dict[str, int]:
    return Counter(Task.objects.values_list("status", flat=True))


@pytest.mark.django_db
class TestCancel:
    def test_it_works(self, api: Api) -> None:
        make_task(tags=["a", "b"])
        make_task(tags=["b"])
        assert ask(api, CANCEL, "tag=a") == {"count": 1, "complete": True, "failed": 0, "dry_run": False}
        assert statuses() == {"REVOKED": 1, "PENDING": 1}

    def test_what_waits_is_over_and_what_runs_is_asked(self, api: Api) -> None:
        for status in Status:
            make_task(status)
        assert ask(api, CANCEL, "priority=5")["count"] == len(WAITING) + 1
        assert statuses() == {"REVOKED": 3, "STARTED": 1, "SUCCESS": 1, "FAILURE": 1}
        assert Task.objects.filter(status="STARTED", cancel_requested_at__isnull=False).exists()

    def test_what_was_asked_before_is_not_counted_again(self, api: Api) -> None:
        make_task(Status.STARTED)
        assert ask(api, CANCEL, "priority=5")["count"] == 1
        assert ask(api, CANCEL, "priority=5")["count"] == 0


@pytest.mark.django_db
class TestRetry:
    def test_it_works(self, api: Api) -> None:
        for status in Status:
            make_task(status)
        assert ask(api, RETRY, "operation=calculate") == {
            "count": len(REVIVE.sources),
            "complete": True,
            "failed": 0,
            "dry_run": False,
        }
        assert statuses() == {"PENDING": 3, "STARTED": 1, "RETRY": 1, "SUCCESS": 1}

    def test_only_what_failed(self, api: Api) -> None:
        for status in REVIVE.sources:
            make_task(status)
        assert ask(api, RETRY, "status=FAILURE")["count"] == 1
        assert statuses() == {"PENDING": 1, "REVOKED": 1}


@pytest.mark.django_db
class TestBoth:
    @BOTH
    def test_a_dry_run_counts_and_changes_nothing(self, api: Api, path: str) -> None:
        tasks = [make_task(status) for status in Status]
        found = ask(api, path, "priority=5&dry_run=true")
        assert (found["dry_run"], found["complete"]) == (True, True)
        assert ask(api, path, "priority=5") == {**found, "dry_run": False}
        assert found["count"] == Task.objects.exclude(version=tasks[0].version).count() > 0

    @BOTH
    def test_every_filter_of_the_list_counts(self, api: Api, path: str) -> None:
        schedule = new_id()
        for status in Status:
            make_task(status, schedule_id=schedule, operation="sleep", priority=9, tags=["t"])
            make_task(status)
        fitting = [f"schedule={schedule}", "operation=sleep", "priority=9", "tag=t"]
        counts = [ask(api, path, f"{query}&dry_run=true")["count"] for query in fitting]
        assert len(set(counts)) == 1
        everything = ask(api, path, "created_after=2020-01-01T00:00:00Z&dry_run=true")["count"]
        assert everything == 2 * counts[0] > 0
        assert ask(api, path, "created_before=2020-01-01T00:00:00Z&dry_run=true")["count"] == 0

    @BOTH
    @pytest.mark.parametrize("query", ["", "?dry_run=true", "?dry_run=false"])
    def test_without_a_filter_it_is_refused(self, api: Api, path: str, query: str) -> None:
        for status in Status:
            make_task(status)
        ((where, code, detail),) = api.post(path + query, {}).errors()
        assert (where, code) == ("#", "filter_required")
        assert detail.endswith(
            "created_after, created_before, fingerprint, id, operation, priority, schedule, status, tag"
        )
        assert not Task.objects.exclude(version=0).exists()

    @BOTH
    @pytest.mark.parametrize(
        ("query", "where", "code"),
        [
            ("tags=a", "tags", "unknown_field"),
            ("priority=5&limit=5", "limit", "unknown_field"),
            ("status=DONE", "status", "invalid_choice"),
            ("priority=5&dry_run=1", "dry_run", "invalid_type"),
            ("created_after=2020-01-01", "created_after", "invalid_datetime"),
        ],
    )
    def test_it_refuses(self, api: Api, path: str, query: str, where: str, code: str) -> None:
        make_task()
        make_task(Status.FAILURE)
        assert [error[:2] for error in api.post(f"{path}?{query}", {}).errors()] == [(where, code)]
        assert statuses() == {"PENDING": 1, "FAILURE": 1}

    @BOTH
    def test_a_filter_in_the_body_is_refused(self, api: Api, path: str) -> None:
        ((where, code, _),) = api.post(f"{path}?priority=5", {"tag": "a"}).errors()
        assert (where, code) == ("#", "unexpected_body")

    @BOTH
    def test_nothing_that_fits_is_no_error(self, api: Api, path: str) -> None:
        assert ask(api, path, "tag=a") == {"count": 0, "complete": True, "failed": 0, "dry_run": False}

    def test_so_many_that_they_take_several_requests(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(actions, "MOST_AT_ONCE", 5)
        monkeypatch.setattr(actions, "CHUNK", 2)
        for _ in range(7):
            make_task()
        assert ask(api, CANCEL, "priority=5&dry_run=true") == {
            "count": 5,
            "complete": False,
            "failed": 0,
            "dry_run": True,
        }
        assert ask(api, CANCEL, "priority=5") == {
            "count": 5,
            "complete": False,
            "failed": 0,
            "dry_run": False,
        }
        assert ask(api, CANCEL, "priority=5") == {"count": 2, "complete": True, "failed": 0, "dry_run": False}
        assert statuses() == {"REVOKED": 7}

    def test_query_budget(self, api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        for _ in range(20):
            make_task()
        with django_assert_num_queries(5):
            # SELECT id FROM task; UPDATE task SET ... WHERE id = ANY(...), for each thousand; and with the first of
            # these, in a transaction: INSERT INTO audit_event
            assert ask(api, CANCEL, "priority=5")["count"] == 20


@pytest.mark.django_db(transaction=True)
def test_what_runs_again_is_handed_over_by_the_next_sweep(api: Api, broker: Lists) -> None:
    Upkeep().run()
    failed = [make_task(Status.FAILURE) for _ in range(3)]
    assert ask(api, RETRY, "status=FAILURE")["count"] == 3
    assert Upkeep().run().dispatched == 3
    assert [message.task_id for message in broker.sent()] == [str(task.id) for task in failed]


@pytest.mark.django_db(transaction=True)
def test_what_was_done_before_the_database_went_away_is_told(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def cancel(ids: Sequence[UUID]) -> set[UUID]:
        asked.append(len(ids))
        if len(asked) == 2:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return transitions.cancel(ids)

    tasks = [make_task() for _ in range(3)]
    with monkeypatch.context() as patched:
        patched.setattr(actions, "CHUNK", 2)
        patched.setattr(actions, "transitions", SimpleNamespace(cancel=cancel))
        assert ask(api, CANCEL, "priority=5") == {
            "count": 2,
            "complete": False,
            "failed": 0,
            "dry_run": False,
        }
    connection.close()
    assert statuses() == {"REVOKED": 2, "PENDING": 1}
    assert ask(api, CANCEL, "priority=5") == {"count": 1, "complete": True, "failed": 0, "dry_run": False}
    assert Task.objects.filter(id__in=[task.id for task in tasks], status="REVOKED").count() == 3
