"""Failures, grouped by why they failed: written by the statement that fails, read by index."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rest.json import instant_text
from tasks_api import failures, transitions
from tasks_api.fingerprints import fingerprint_of
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.access import make_key, make_project
from testing.api import Api
from testing.factories import ago, make_task, run_of, started
from testing.plans import readings_of

pytestmark = pytest.mark.django_db

ERROR = '{"type": "OSError", "message": "disk %s is full", "permanent": false}'
ALIKE = fingerprint_of("calculate", {"type": "OSError", "message": "disk 1 is full"})


def fail(number: int = 1, *, at: float = 0, **changes: Any) -> Task:
    """A task that has failed, so many seconds ago."""
    task, run = started(**changes)
    assert transitions.fail(run, ERROR % number)
    if at:
        Task.objects.filter(id=task.id).update(finished_at=ago(at))
    task.refresh_from_db()
    return task


def test_the_statement_that_fails_writes_it() -> None:
    task, run = started()
    with CaptureQueriesContext(connection) as captured:
        assert transitions.fail(run, ERROR % 7)
    assert len(captured) == 1
    task.refresh_from_db()
    assert (task.status, task.fingerprint) == ("FAILURE", ALIKE)


def test_only_a_failure_has_one() -> None:
    task, run = started()
    assert transitions.fail(run, ERROR % 7, retry_in=0)
    task.refresh_from_db()
    assert (task.status, task.fingerprint) == ("RETRY", None)
    other, run = started()
    transitions.cancel([other.id])
    assert transitions.fail(run, ERROR % 7)
    other.refresh_from_db()
    assert (other.status, other.fingerprint) == ("REVOKED", None)
    failed = fail()
    assert transitions.revive([failed.id]) == 1
    failed.refresh_from_db()
    assert (failed.status, failed.fingerprint) == ("PENDING", None)


@pytest.mark.parametrize(
    ("end", "changes"),
    [
        (lambda task: transitions.rescue_run(task.id, task.node_id), {"retry_when_lost": False}),
        (lambda task: transitions.rescue_run(task.id, task.node_id, timed_out=True), {"final_attempt": 1}),
        (lambda task: transitions.hand_back(task.node_id), {"retry_when_lost": False}),
    ],
    ids=["lost", "timeout", "interrupted"],
)
def test_what_others_end_has_one_too(end: Callable[[Task], object], changes: dict[str, Any]) -> None:
    task = make_task(Status.STARTED, **changes)
    assert end(task)
    task.refresh_from_db()
    assert task.status == "FAILURE"
    assert task.fingerprint == fingerprint_of("calculate", task.error or {})


def test_they_are_grouped(api: Api) -> None:
    schedule = new_id()
    first, _, last = fail(1, at=300, schedule_id=schedule), fail(2, at=200), fail(3, at=100)
    other = fail(operation="sleep", at=50)
    fail(at=8 * 86_400)
    make_task(Status.FAILURE)  # from before there were fingerprints
    with CaptureQueriesContext(connection) as captured:
        found = api.get("/failures/").json
    assert len(captured) == 1
    assert (found["looked_at"], found["complete"], found["group_count"]) == (4, True, 2)
    alike, alone = found["results"]
    assert alike == {
        "fingerprint": ALIKE,
        "operation": "calculate",
        "error": {"type": "OSError", "message": "disk 3 is full", "permanent": False},
        "count": 3,
        "first_at": instant_text(first.finished_at),
        "last_at": instant_text(last.finished_at),
        "schedules": [str(schedule)],
        "task": str(last.id),
    }
    assert (alone["operation"], alone["count"], alone["task"]) == ("sleep", 1, str(other.id))
    tasks = api.get(f"/tasks/?fingerprint={ALIKE}&status=FAILURE").json["results"]
    assert len(tasks) == 4
    answer = api.send("POST", f"/tasks/retry/?fingerprint={ALIKE}")
    assert answer.json["count"] == 4
    assert [each["operation"] for each in api.get("/failures/").json["results"]] == ["sleep"]


def test_filters(api: Api) -> None:
    schedule = new_id()
    fail(1, at=300, schedule_id=schedule)
    make_task(Status.SUCCESS, schedule_id=schedule)
    fail(2, at=200)
    fail(operation="sleep", at=50)

    def counts(query: str) -> dict[str, int]:
        return {each["operation"]: each["count"] for each in api.get(f"/failures/?{query}").json["results"]}

    assert counts("operation=sleep") == {"sleep": 1}
    assert counts(f"schedule={schedule}") == {"calculate": 1}
    assert counts(f"schedule={schedule}&operation=sleep") == {}
    assert counts(f"since={instant_text(ago(250))}") == {"calculate": 1, "sleep": 1}
    assert counts("limit=1&operation=calculate") == {"calculate": 2}
    assert counts(f"schedule={new_id()}") == {}


def test_what_is_refused(api: Api) -> None:
    future = instant_text(ago(-3600))
    assert api.get(f"/failures/?since={future}").errors()[0][1] == "too_late"
    assert api.get("/failures/?operation=nope").errors()[0][1] == "unknown_operation"
    assert api.get("/failures/?status=FAILURE").errors()[0][1] == "unknown_field"
    assert api.get("/tasks/?fingerprint=xyz").errors()[0][0] == "fingerprint"


def test_only_the_newest_are_counted(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "MOST_LOOKED_AT", 2)
    for seconds in (300, 200, 100):
        fail(seconds, at=seconds)
    found = api.get("/failures/").json
    assert (found["looked_at"], found["complete"], found["results"][0]["count"]) == (2, False, 2)


def test_who_sees_what() -> None:
    own, foreign = make_project("own"), make_project("foreign")
    task = fail(project_id=own.id)
    viewer = Api(make_key("viewer", own).text).get("/failures/").json["results"]
    assert viewer[0]["error"] == {"type": "OSError", "message": None, "permanent": False}
    other = Api(make_key("admin", foreign).text)
    for query in ("", f"?schedule={new_id()}", "?operation=calculate"):
        assert other.get(f"/failures/{query}").json["results"] == []
    assert other.get(f"/tasks/?fingerprint={task.fingerprint}").json["results"] == []


def test_a_schedule_of_another_project() -> None:
    own, foreign, schedule = make_project("own"), make_project("foreign"), new_id()
    fail(project_id=own.id, schedule_id=schedule)
    other = Api(make_key("admin", foreign).text)
    assert other.get(f"/failures/?schedule={schedule}").json["results"] == []


def test_indexes_serve_it() -> None:
    for number in range(300):
        make_task(Status.SUCCESS)
        if number % 10 == 0:
            fail(number)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE task")
    since = ago(timedelta(days=7).total_seconds())
    readings = readings_of(lambda: failures.failures(1, since, limit=50), "task")
    assert {reading.index for reading in readings} <= {
        "task_failed",
        "task_pkey",
        "task_project_fingerprint",
    }
    assert sum(reading.rows for reading in readings) < 100


def test_a_run_of_before(api: Api) -> None:
    """A failure that an earlier release has written has none, and is in no group."""
    task = make_task(Status.FAILURE)
    assert run_of(task).task_id == task.id
    assert api.get("/failures/").json["results"] == []
