"""GET /tasks/ by tag and by time, and what it reads for that."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection

from access.actor import DEFAULT_PROJECT_ID
from rest.json import instant_text
from tasks_api.database import execute
from tasks_api.filters import TaskFilter, filtered
from tasks_api.ids import first_id_at, new_id
from testing.api import Api
from testing.factories import ago, make_task
from testing.plans import empty

pytestmark = pytest.mark.django_db


def ids(api: Api, **query: str) -> list[str]:
    answer = api.get(f"/tasks/?{urlencode(query)}")
    assert answer.status == 200, answer.content
    return [task["id"] for task in answer.json["results"]]


class TestTag:
    def test_it_works(self, api: Api) -> None:
        one, both = make_task(tags=["a"]), make_task(tags=["b", "a"])
        make_task(tags=["b"])
        make_task()
        assert ids(api, tag="a") == [str(both.id), str(one.id)]
        assert ids(api, tag="a", status="SUCCESS") == []

    @pytest.mark.parametrize("tag", ["{}", "a,b", '"', "ü", "%", "\\"])
    def test_any_text_is_a_tag(self, api: Api, tag: str) -> None:
        task = make_task(tags=[tag])
        make_task(tags=["a", "b"])
        make_task()
        assert ids(api, tag=tag) == [str(task.id)]

    def test_no_tag_is_like_nothing(self, api: Api) -> None:
        make_task()
        assert ids(api, tag="") == []

    def test_given_twice(self, api: Api) -> None:
        ((where, _, detail),) = api.get("/tasks/?tag=a&tag=b").errors()
        assert where == "tag"
        assert detail.endswith("got a list")


class TestOperation:
    @pytest.mark.parametrize(
        ("name", "hint"), [("slep", '; did you mean "sleep"?'), ("nothing", ""), ("4+7", "")]
    )
    def test_one_that_is_none_is_told(self, api: Api, name: str, hint: str) -> None:
        query = urlencode({"operation": name})
        detail = f'there is no operation "{name}"{hint} (GET /operations/ lists them)'
        expected = [("operation", "unknown_operation", detail)]
        assert api.get(f"/tasks/?{query}").errors() == expected
        assert api.post(f"/tasks/cancel/?{query}", {}).errors() == expected
        assert api.get(f"/task-schedules/?{query}").errors() == expected
        assert api.post(f"/task-schedules/pause/?{query}", {}).errors() == expected

    def test_one_that_is_no_more_still_has_its_tasks(self, api: Api) -> None:
        task = make_task(operation="removed_in_an_upgrade")
        assert ids(api, operation="removed_in_an_upgrade") == [str(task.id)]
        assert ids(api, operation="removed_in_an_upgrade", status="SUCCESS") == []


class TestCreated:
    def test_it_works(self, api: Api) -> None:
        older = make_task()
        newer = make_task()
        bound = api.get(f"/tasks/{newer.id}/").json["created_at"]
        older_at = newer.created_at - timedelta(microseconds=1)
        type(older).objects.filter(id=older.id).update(created_at=older_at)
        assert ids(api, created_after=bound) == [str(newer.id)]
        assert ids(api, created_before=bound) == [str(older.id)]
        assert ids(api, created_after=bound, created_before=bound) == []

    @pytest.mark.parametrize("seconds", [-30, 30])
    def test_clocks_need_not_quite_agree(self, api: Api, seconds: float) -> None:
        """The id says another time than `created_at`."""
        task = make_task(created_at=ago(seconds))
        bound = instant_text(task.created_at)
        assert bound
        assert ids(api, created_after=bound) == [str(task.id)]
        later = instant_text(task.created_at + timedelta(microseconds=1))
        assert later
        assert ids(api, created_before=later) == [str(task.id)]

    @pytest.mark.parametrize("bound", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"])
    def test_long_ago(self, api: Api, bound: str) -> None:
        task = make_task()
        assert ids(api, created_after=bound) == [str(task.id)]
        assert ids(api, created_before=bound) == []

    def test_far_ahead(self, api: Api) -> None:
        task = make_task()
        assert ids(api, created_before="9999-12-31T23:59:59Z") == [str(task.id)]
        assert ids(api, created_after="9999-12-31T23:59:59Z") == []

    @pytest.mark.parametrize("parameter", ["created_after", "created_before"])
    @pytest.mark.parametrize("value", ["", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00 02:00"])
    def test_it_refuses(self, api: Api, parameter: str, value: str) -> None:
        answer = api.get(f"/tasks/?{urlencode({parameter: value})}")
        assert [error[:2] for error in answer.errors()] == [(parameter, "invalid_datetime")]


def test_ids_are_bounded_by_time() -> None:
    before, now = ago(1), ago(0)
    made = new_id()
    assert first_id_at(before) < made
    assert first_id_at(now - timedelta(milliseconds=1)) < made < first_id_at(ago(-1))
    assert first_id_at(datetime(1, 1, 1, tzinfo=UTC)).int == 0


FILL_SQL = """
INSERT INTO task (id, operation, arguments, priority, tags, max_attempts, timeout_seconds, run_at, status, attempt,
                  final_attempt, retry_when_lost, version, dispatch_count, finished_at, created_at)
SELECT uuidv7(n * interval '-1 minute'), 'calculate', '{}', 5,
       CASE WHEN n % 1000 = 0 THEN '{rare}' WHEN n % 10 = 0 THEN '{common}' ELSE '{}' END::text[],
       3, 30, now(), 'SUCCESS', 1, 3, true, 0, 1, now(), now() - n * interval '1 minute'
  FROM generate_series(1, 20000) AS n
"""


@pytest.fixture
def crowd() -> None:
    """Two weeks of tasks, one a minute; a tenth have tags."""
    empty("task")
    execute(FILL_SQL, None)
    execute("ANALYZE task", None)


def plan(**query: Any) -> str:
    rows = filtered(TaskFilter(**query), DEFAULT_PROJECT_ID).order_by("-id")[:51]
    return str(rows.explain(analyze=True))


@pytest.mark.usefixtures("crowd")
class TestPlans:
    @pytest.mark.parametrize("tag", ["rare", "nothing"])
    def test_a_rare_tag_is_found_by_its_index(self, tag: str) -> None:
        assert "task_project_tag" in plan(tag=tag)

    def test_a_common_one_by_either(self) -> None:
        assert "Seq Scan" not in plan(tag="common")

    def test_what_has_no_tag_is_not_in_the_index(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'task_project_tag'")
            assert 1_900 <= cursor.fetchone()[0] <= 2_100

    @pytest.mark.parametrize(
        "bounds",
        [
            {"created_after": 100},
            {"created_before": 20_000 * 60 - 6_000},
            {"created_after": 600_060, "created_before": 600_000},
        ],
    )
    def test_times_are_found_by_ids(self, bounds: dict[str, float]) -> None:
        found = plan(**{name: instant_text(ago(seconds)) for name, seconds in bounds.items()})
        # By the primary key, or by another index that has ids, where that is smaller: Postgres skips through it.
        assert re.search(r"Index Cond: \(+id [<>]", found), found
        assert "Seq Scan" not in found
