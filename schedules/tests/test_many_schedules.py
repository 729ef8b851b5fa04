"""POST /task-schedules/pause/ and /task-schedules/resume/: all that a filter names"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schedules.actions.pausing import CatchUp
from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import EACH_CATCH_UP, MINUTE, Ledger, at, fresh, ledger
from tasks_api.models import Task
from testing.api import Answer, Api
from testing.clock import Clock
from testing.openapi import Auditor

EACH_MINUTE = "FREQ=MINUTELY"


def send(api: Api, verb: str, query: str, body: Any = None) -> Answer:
    path = f"/task-schedules/{verb}/{query}"
    return api.send("POST", path, b"") if body is None else api.post(path, body)


def statuses() -> list[str]:
    return list(TaskSchedule.objects.order_by("id").values_list("status", flat=True))


@pytest.mark.django_db
class TestMany:
    def test_it_works(self, auditor: Auditor, new_schedule: NewSchedule) -> None:
        for tag in ("a", "b", "a"):
            new_schedule(cron="@daily", tags=[tag])
        body = {"reason": "maintenance", "until": "2100-01-01T00:00:00Z"}
        answer = send(auditor, "pause", "?tag=a", body)
        assert (answer.status, answer.json) == (
            200,
            {"count": 2, "complete": True, "failed": 0, "dry_run": False},
        )
        assert statuses() == ["paused", "active", "paused"]
        paused = TaskSchedule.objects.filter(status="paused")
        assert {(one.paused_reason, one.version, one.sweep_at) for one in paused} == {
            ("maintenance", 2, datetime.fromisoformat("2100-01-01T00:00:00Z"))
        }
        answer = send(auditor, "resume", "?status=paused")
        assert answer.json == {"count": 2, "complete": True, "failed": 0, "dry_run": False}
        assert statuses() == ["active"] * 3
        assert [one.version for one in TaskSchedule.objects.order_by("id")] == [3, 1, 3]

    def test_only_counted(self, auditor: Auditor, new_schedule: NewSchedule) -> None:
        for _ in range(3):
            new_schedule(cron="@daily")
        answer = send(auditor, "pause", "?status=active&dry_run=true")
        assert answer.json == {"count": 3, "complete": True, "failed": 0, "dry_run": True}
        assert statuses() == ["active"] * 3
        send(auditor, "pause", "?name=x&dry_run=false")
        send(auditor, "pause", "?status=active")
        assert send(auditor, "resume", "?status=paused&dry_run=true", {"catch_up": "all"}).json["count"] == 3
        assert statuses() == ["paused"] * 3

    def test_those_that_are_paused_keep_their_own(self, auditor: Auditor, new_schedule: NewSchedule) -> None:
        """An end for the others must not resume what somebody paused without one."""
        first, second = new_schedule(cron="@daily"), new_schedule(cron="@daily")
        auditor.post(f"/task-schedules/{first.id}/pause/", {"reason": "for good"})
        body = {"reason": "maintenance", "until": "2100-01-01T00:00:00Z"}
        assert send(auditor, "pause", "?operation=calculate", body).json["count"] == 1
        assert send(auditor, "pause", "?operation=calculate").json["count"] == 0
        assert (fresh(first).paused_reason, fresh(first).paused_until) == ("for good", None)
        assert fresh(second).paused_reason == "maintenance"

    def test_those_in_another_state_do_not_count(self, auditor: Auditor, new_schedule: NewSchedule) -> None:
        for status in ("active", "completed", "error", "paused"):
            schedule = new_schedule(cron="@daily")
            if status != "active":
                TaskSchedule.objects.filter(id=schedule.id).update(status=status, sweep_at=None)
        assert send(auditor, "pause", "?operation=calculate").json["count"] == 1
        assert statuses() == ["paused", "completed", "error", "paused"]
        assert send(auditor, "pause", "?operation=calculate").json["count"] == 0
        assert send(auditor, "resume", "?operation=calculate").json["count"] == 2
        assert statuses() == ["active", "completed", "error", "active"]

    @pytest.mark.parametrize("verb", ["pause", "resume"])
    @pytest.mark.parametrize(
        ("query", "body", "where", "code"),
        [
            ("", None, "#", "filter_required"),
            ("?dry_run=true", None, "#", "filter_required"),
            ("?limit=5", None, "limit", "unknown_field"),
            ("?status=done", None, "status", "invalid_choice"),
            ("?status=active", [], "#", "invalid_type"),
            ("?status=active", {"priority": 5}, "#/priority", "unknown_field"),
        ],
    )
    def test_bad_input_changes_nothing(
        self,
        auditor: Auditor,
        new_schedule: NewSchedule,
        verb: str,
        query: str,
        body: Any,
        where: str,
        code: str,
    ) -> None:
        new_schedule(cron="@daily")
        assert [error[:2] for error in send(auditor, verb, query, body).errors()] == [(where, code)]
        assert statuses() == ["active"]

    @pytest.mark.parametrize("dry_run", ["", "&dry_run=true"])
    def test_an_end_that_is_past(self, auditor: Auditor, new_schedule: NewSchedule, dry_run: str) -> None:
        new_schedule(cron="@daily")
        answer = send(auditor, "pause", f"?status=active{dry_run}", {"until": "2020-01-01T00:00:00Z"})
        assert [error[:2] for error in answer.errors()] == [("#/until", "too_early")]
        assert statuses() == ["active"]

    def test_more_than_may_be_caught_up(self, auditor: Auditor, new_schedule: NewSchedule) -> None:
        many, few = new_schedule(name="many"), new_schedule(name="few", cron="@daily")
        send(auditor, "pause", "?status=active")
        past = datetime.fromisoformat("2026-01-01T00:00:00Z")
        TaskSchedule.objects.filter(id=many.id).update(starts_at=past, next_run_at=past)
        for query in ("?status=paused&dry_run=true", "?status=paused"):
            assert send(auditor, "resume", query, {"catch_up": "all"}).json["count"] == 1
        assert (fresh(many).status, fresh(few).status) == ("paused", "active")
        assert send(auditor, "resume", "?status=paused").json["count"] == 1

    def test_their_number_costs_no_statements(self, auditor: Auditor, new_schedule: NewSchedule) -> None:
        def cost() -> int:
            with CaptureQueriesContext(connection) as queries:
                for verb, status in (("pause", "active"), ("resume", "paused")):
                    assert send(auditor, verb, f"?status={status}").status == 200
            return len(queries)

        new_schedule(cron="@daily")
        one = cost()
        for _ in range(30):
            new_schedule(cron="@daily")
        assert cost() == one <= 30


@EACH_CATCH_UP
def test_what_becomes_of_their_pauses(
    auditor: Auditor, new_schedule: NewSchedule, clock: Clock, catch_up: CatchUp, expected: Ledger
) -> None:
    schedules = [new_schedule(rrule=EACH_MINUTE) for _ in range(3)]
    assert send(auditor, "pause", "?status=active", {"reason": "a"}).json["count"] == 3
    clock.set(at(3.5))
    assert send(auditor, "resume", "?status=paused", {"catch_up": catch_up}).json["count"] == 3
    Sweeper().sweep()
    for schedule in schedules:
        assert ledger(schedule) == [(0, 0, "created"), *expected]
        assert fresh(schedule).next_run_at == at(4)


def test_what_is_due_is_settled_first(auditor: Auditor, new_schedule: NewSchedule, clock: Clock) -> None:
    late = new_schedule(rrule=EACH_MINUTE, misfire_policy="run_all")
    broken = new_schedule(rrule=EACH_MINUTE)
    TaskSchedule.objects.filter(id=broken.id).update(operation="gone")
    clock.advance(250 * MINUTE)
    assert send(auditor, "pause", "?status=active").json["count"] == 1
    assert Task.objects.filter(schedule_id=late.id).count() == 251
    assert (fresh(late).status, fresh(broken).status) == ("paused", "error")
    assert fresh(late).next_run_at == at(250) + timedelta(minutes=1)
