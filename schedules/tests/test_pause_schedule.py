"""POST /task-schedules/{id}/pause/ and /resume/"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from schedules.actions.pausing import CatchUp
from schedules.models import Occurrence, TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import EACH_CATCH_UP, MINUTE, Ledger, at, fresh, ledger
from tasks_api.models import Task
from testing.api import Answer, Api
from testing.clock import Clock
from testing.concurrency import apart
from testing.openapi import Auditor

LATER, MUCH_LATER = "2100-01-01T12:00:00Z", "2101-01-01T12:00:00Z"
UNKNOWN = "01a1f890-cdf7-7648-a082-ae42845e09b1"
EACH_MINUTE = "FREQ=MINUTELY"
LieIdle = Callable[[TaskSchedule, float], datetime]


@pytest.fixture
def daily(new_schedule: NewSchedule) -> TaskSchedule:
    """Each midnight."""
    return new_schedule(cron="@daily")


def send(api: Api, schedule: TaskSchedule | str, verb: str, body: Any = None) -> Answer:
    path = f"/task-schedules/{schedule if isinstance(schedule, str) else schedule.id}/{verb}/"
    return api.send("POST", path, b"") if body is None else api.post(path, body)


@pytest.mark.django_db
class TestPause:
    def test_it_works(self, auditor: Auditor, daily: TaskSchedule) -> None:
        until = "2100-01-01T12:00:00Z"
        answer = send(auditor, daily, "pause", {"reason": "the disk is full", "until": until})
        assert (answer.status, answer.headers["ETag"]) == (200, '"v2"')
        body = answer.json
        assert (body["status"], body["paused_reason"], body["paused_until"]) == (
            "paused",
            "the disk is full",
            until,
        )
        assert body["next_run_at"] == "2100-01-02T00:00:00Z"
        assert body["updated_at"] > body["created_at"]
        assert auditor.get(f"/task-schedules/{daily.id}/").json == body

    @pytest.mark.parametrize("body", [None, {}, {"reason": None, "until": None}])
    def test_for_no_reason_until_it_is_resumed(
        self, auditor: Auditor, daily: TaskSchedule, body: Any
    ) -> None:
        answer = send(auditor, daily, "pause", body).json
        assert (answer["status"], answer["paused_reason"], answer["paused_until"]) == ("paused", None, None)

    @pytest.mark.parametrize(
        ("body", "reason", "until"),
        [
            (None, "a", LATER),
            ({}, "a", LATER),
            ({"reason": "b"}, "b", LATER),
            ({"reason": None}, None, LATER),
            ({"until": MUCH_LATER}, "a", MUCH_LATER),
            ({"until": None}, "a", None),
            ({"reason": "b", "until": None}, "b", None),
        ],
    )
    def test_twice_is_no_error(
        self, auditor: Auditor, daily: TaskSchedule, body: Any, reason: str | None, until: str | None
    ) -> None:
        """What is left out stays as it is."""
        send(auditor, daily, "pause", {"reason": "a", "until": LATER})
        answer = send(auditor, daily, "pause", body).json
        assert (answer["paused_reason"], answer["paused_until"]) == (reason, until)
        assert (answer["next_run_at"] is None) == (until is None)

    def test_a_pause_after_another_begins_anew(self, auditor: Auditor, daily: TaskSchedule) -> None:
        send(auditor, daily, "pause", {"reason": "a", "until": LATER})
        send(auditor, daily, "resume")
        body = send(auditor, daily, "pause").json
        assert (body["paused_reason"], body["paused_until"]) == (None, None)

    @pytest.mark.parametrize(
        ("body", "where", "code"),
        [
            ({"until": "2020-01-01T00:00:00Z"}, "#/until", "too_early"),
            ({"until": "2100-01-01"}, "#/until", "invalid_datetime"),
            ({"until": 5}, "#/until", "invalid_datetime"),
            ({"reason": ""}, "#/reason", "min_length"),
            ({"reason": "x" * 501}, "#/reason", "max_length"),
            ({"reason": 5}, "#/reason", "invalid_type"),
            ({"catch_up": "all"}, "#/catch_up", "unknown_field"),
            ([], "#", "invalid_type"),
            (False, "#", "invalid_type"),
        ],
    )
    def test_bad_input_changes_nothing(
        self, auditor: Auditor, daily: TaskSchedule, body: Any, where: str, code: str
    ) -> None:
        assert [error[:2] for error in send(auditor, daily, "pause", body).errors()] == [(where, code)]
        assert TaskSchedule.objects.get().version == 1

    @pytest.mark.parametrize(
        ("status", "words"), [("completed", "completed"), ("error", "set aside with an error")]
    )
    def test_one_that_makes_no_tasks(
        self, auditor: Auditor, daily: TaskSchedule, status: str, words: str
    ) -> None:
        TaskSchedule.objects.update(status=status, sweep_at=None)
        problem = send(auditor, daily, "pause").problem(409, "conflict")
        assert words in problem["detail"]
        assert TaskSchedule.objects.get().status == status

    def test_the_version_that_is_meant(self, auditor: Auditor, daily: TaskSchedule) -> None:
        for version, verb in enumerate(("pause", "resume"), start=1):
            path = f"/task-schedules/{daily.id}/{verb}/"
            auditor.post(path, {}, if_match='"v9"').problem(412, "precondition_failed")
            assert auditor.post(path, {}, if_match=f'"v{version}"').headers["ETag"] == f'"v{version + 1}"'

    def test_no_such_schedule(self, auditor: Auditor) -> None:
        for verb in ("pause", "resume"):
            send(auditor, UNKNOWN, verb).problem(404, "not_found")


@pytest.mark.django_db
class TestResume:
    @pytest.mark.parametrize("body", [None, {}, {"catch_up": None}, {"catch_up": "none"}])
    def test_it_works(self, auditor: Auditor, daily: TaskSchedule, body: Any) -> None:
        before = auditor.get(f"/task-schedules/{daily.id}/").json
        send(auditor, daily, "pause", {"reason": "a", "until": "2100-01-01T12:00:00Z"})
        answer = send(auditor, daily, "resume", body)
        assert (answer.status, answer.headers["ETag"]) == (200, '"v3"')
        assert answer.json | {"updated_at": before["updated_at"]} == before

    def test_twice_is_no_error(self, auditor: Auditor, daily: TaskSchedule) -> None:
        first, second = send(auditor, daily, "resume"), send(auditor, daily, "resume")
        assert (first.status, first.json) == (200, second.json)
        assert second.headers["ETag"] == '"v1"'

    def test_one_that_is_completed_stays_so(self, auditor: Auditor, daily: TaskSchedule) -> None:
        TaskSchedule.objects.update(status="completed", sweep_at=None, next_run_at=None)
        assert send(auditor, daily, "resume").json["status"] == "completed"

    def test_one_that_was_set_aside(self, auditor: Auditor, daily: TaskSchedule) -> None:
        TaskSchedule.objects.update(status="error", sweep_at=None, error="it failed")
        problem = send(auditor, daily, "resume").problem(409, "conflict")
        assert "edit it to fix the error" in problem["detail"]

    @pytest.mark.parametrize("catch_up", ["none", "all"])
    def test_a_rule_that_can_be_read_no_more(
        self, auditor: Auditor, daily: TaskSchedule, catch_up: str
    ) -> None:
        send(auditor, daily, "pause")
        TaskSchedule.objects.update(timezone="Mars/Olympus")
        answer = send(auditor, daily, "resume", {"catch_up": catch_up})
        if catch_up == "all":
            answer.problem(409, "conflict")
        else:
            assert answer.json["status"] == "error"

    @pytest.mark.parametrize(
        ("body", "where", "code"),
        [
            ({"catch_up": "some"}, "#/catch_up", "invalid_choice"),
            ({"catch_up": True}, "#/catch_up", "invalid_choice"),
            ({"until": "2100-01-01T00:00:00Z"}, "#/until", "unknown_field"),
        ],
    )
    def test_bad_input_changes_nothing(
        self, auditor: Auditor, daily: TaskSchedule, body: Any, where: str, code: str
    ) -> None:
        send(auditor, daily, "pause")
        assert [error[:2] for error in send(auditor, daily, "resume", body).errors()] == [(where, code)]
        assert TaskSchedule.objects.get().status == "paused"

    def test_too_many_to_catch_up(self, auditor: Auditor, new_schedule: NewSchedule) -> None:
        schedule = new_schedule()
        send(auditor, schedule, "pause")
        made = Task.objects.count()  # of what was due already
        long_ago = datetime.fromisoformat("2026-01-01T00:00:00Z")
        TaskSchedule.objects.update(next_run_at=long_ago, starts_at=long_ago)
        [(where, code, detail)] = send(auditor, schedule, "resume", {"catch_up": "all"}).errors()
        assert (where, code) == ("#/catch_up", "too_many")
        assert "backfill" in detail
        assert TaskSchedule.objects.get().status == "paused"
        assert Task.objects.count() == made


@EACH_CATCH_UP
def test_what_becomes_of_a_pause(
    auditor: Auditor, new_schedule: NewSchedule, clock: Clock, catch_up: CatchUp, expected: Ledger
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    paused = send(auditor, schedule, "pause").json
    assert (paused["runs_created"], ledger(schedule)) == (1, [(0, 0, "created")])
    clock.set(at(3.5))
    resumed = send(auditor, schedule, "resume", {"catch_up": catch_up}).json
    assert datetime.fromisoformat(resumed["next_run_at"]) == at(4)
    assert resumed["status"] == "active"
    Sweeper().sweep()
    assert ledger(schedule) == [(0, 0, "created"), *expected]


def test_a_pause_ends_by_itself(auditor: Auditor, new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE)
    send(auditor, schedule, "pause", {"until": at(2.5).isoformat()})
    clock.set(at(2.5) + timedelta(seconds=1))
    Sweeper().sweep()
    body = auditor.get(f"/task-schedules/{schedule.id}/").json
    assert (body["status"], datetime.fromisoformat(body["next_run_at"])) == ("active", at(3))
    assert ledger(schedule) == [(0, 0, "created"), (1, 2, "paused")]
    clock.set(at(3) + MINUTE / 60)
    send(auditor, schedule, "pause")
    assert ledger(schedule)[-1] == (3, 3, "created")


@pytest.mark.django_db
def test_what_was_settled_before_a_refusal_stays(
    auditor: Auditor, new_schedule: NewSchedule, lie_idle: LieIdle
) -> None:
    schedule = new_schedule(rrule=EACH_MINUTE, schedule_x_times=1)
    lie_idle(schedule, 1)
    assert "completed" in send(auditor, schedule, "pause").problem(409, "conflict")["detail"]
    assert (TaskSchedule.objects.get().status, Task.objects.count()) == ("completed", 1)


@pytest.mark.django_db(transaction=True)
def test_at_the_same_time_as_sweeps(new_schedule: NewSchedule, lie_idle: LieIdle) -> None:
    """What a pause answers is final: no sweep that began before creates anything after it."""
    schedule = new_schedule(rrule="FREQ=SECONDLY", misfire_policy="run_all")
    first = lie_idle(schedule, 500)
    sweeps = [apart(lambda: Sweeper().sweep()) for _ in range(2)]
    paused = apart(lambda: send(Api(), schedule, "pause")).result(60)
    made = Task.objects.count()
    for sweep in sweeps:
        sweep.result(60)
    Sweeper().sweep()
    assert (paused.json["status"], paused.json["runs_created"]) == ("paused", made)
    assert Task.objects.count() == made == Occurrence.objects.filter(outcome="created").count() >= 500
    assert fresh(schedule).next_run_at == first + timedelta(seconds=made)
