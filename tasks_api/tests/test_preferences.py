"""`Prefer: wait=`, and `If-None-Match`: waiting and not being told what one knows."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.factories import ago, make_task
from testing.openapi import Auditor

FINAL = Status.SUCCESS


def finish(task_id: Any) -> None:
    """What a worker does to a task, seen from outside."""
    try:
        Task.objects.filter(id=task_id).update(
            status=Status.SUCCESS, result=11, dispatch_at=None, finished_at=ago(0), version=F("version") + 1
        )
    finally:
        connection.close()


def finish_the_newest(stop: threading.Event) -> None:
    """As soon as there is one."""
    while not stop.wait(0.02):
        task = Task.objects.order_by("-id").first()
        if task is not None:
            finish(task.id)
            return
    connection.close()


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    def test_a_new_task_comes_back_final(self, auditor: Auditor) -> None:
        stop = threading.Event()
        worker = threading.Thread(target=finish_the_newest, args=(stop,))
        worker.start()
        answer = auditor.post("/tasks/", {"operation": "4+7"}, prefer="respond-async, wait=60")
        stop.set()
        worker.join()
        assert (answer.status, answer.json["status"], answer.json["result"]) == (200, "SUCCESS", 11)
        assert answer.headers["Preference-Applied"] == "wait=60"
        assert answer.headers["Location"].endswith(f"/tasks/{answer.json['id']}/")
        assert "Retry-After" not in answer.headers

    def test_what_takes_longer_is_accepted(self, auditor: Auditor) -> None:
        answer = auditor.post("/tasks/", {"operation": "4+7"}, prefer="wait=1")
        assert (answer.status, answer.json["status"]) == (202, "PENDING")
        assert (answer.headers["Preference-Applied"], answer.headers["Retry-After"]) == ("wait=1", "1")

    def test_a_repeat_waits_too(self, auditor: Auditor) -> None:
        first = auditor.post("/tasks/", {"operation": "4+7"}, idempotency_key="k")
        finish(first.json["id"])
        again = auditor.post("/tasks/", {"operation": "4+7"}, idempotency_key="k", prefer="wait=60")
        assert (again.status, again.json["id"], again.json["result"]) == (200, first.json["id"], 11)
        assert again.headers["Idempotent-Replayed"] == "true"

    def test_a_task_is_waited_for(self, auditor: Auditor) -> None:
        task = make_task()
        worker = threading.Timer(0.1, finish, (task.id,))
        worker.start()
        answer = auditor.get(f"/tasks/{task.id}/", prefer='wait="60"')
        worker.join()
        assert (answer.json["status"], answer.headers["Preference-Applied"]) == ("SUCCESS", "wait=60")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=5", "wait=5"),
        ("WAIT = 5", "wait=5"),
        ("return=minimal,wait=5;x=1", "wait=5"),
        ("wait=86400", "wait=60"),
        ("wait=0", None),
        ("wait=-1", None),
        ("wait=1.5", None),
        ("await=5", None),
        ("wait", None),
        ("", None),
    ],
)
def test_what_is_a_preference(prefer: str, applied: str | None, auditor: Auditor) -> None:
    answer = auditor.get(f"/tasks/{make_task(FINAL).id}/", prefer=prefer)
    assert answer.status == 200
    assert answer.headers.get("Preference-Applied") == applied


@pytest.mark.django_db
def test_a_parameter_counts_more(auditor: Auditor) -> None:
    answer = auditor.get(f"/tasks/{make_task().id}/?wait=0", prefer="wait=60")
    assert (answer.status, answer.headers.get("Preference-Applied")) == (200, None)


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["Prefer", "If-None-Match"])
def test_a_header_that_is_too_long(header: str, auditor: Auditor) -> None:
    given = {header.lower().replace("-", "_"): "x" * 1_001}
    [(where, code, _)] = auditor.get(f"/tasks/{make_task().id}/", **given).errors()
    assert (where, code) == (header, "max_length")


@pytest.mark.django_db
def test_what_is_known_is_not_told_again(auditor: Auditor) -> None:
    task = make_task()
    first = auditor.get(f"/tasks/{task.id}/")
    for known in (
        first.headers["ETag"],
        f"W/{first.headers['ETag']}",
        f'"v99", {first.headers["ETag"]}',
        "*",
    ):
        again = auditor.get(f"/tasks/{task.id}/", if_none_match=known)
        assert (again.status, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    auditor.send("PATCH", f"/tasks/{task.id}/", b'{"priority": 1}')
    changed = auditor.get(f"/tasks/{task.id}/", if_none_match=first.headers["ETag"])
    assert (changed.status, changed.json["priority"]) == (200, 1)
    assert changed.headers["ETag"] != first.headers["ETag"]


@pytest.mark.django_db
@pytest.mark.parametrize("unknown", ['"v99"', "v0", "", '"other"'])
def test_what_is_not_known_is_told(unknown: str, auditor: Auditor) -> None:
    assert auditor.get(f"/tasks/{make_task().id}/", if_none_match=unknown).status == 200
