"""A schedule that was set aside, or is to be: it can be read, mended and deleted like any other."""

import json
from typing import Any

import pytest

from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.lives import MINUTE, at, fresh, ledger, tasks
from schedules.tests.refusing import NEIGHBOURS, priority_out_of_range
from testing.api import Answer, Api
from testing.clock import Clock
from testing.refusing import refused

pytestmark = pytest.mark.usefixtures("brokers_closed")


def edit(api: Api, schedule: TaskSchedule, body: dict[str, Any]) -> Answer:
    """A PATCH."""
    return api.send("PATCH", f"/task-schedules/{schedule.id}/", json.dumps(body).encode())


class TestTheApi:
    """What was set aside is a schedule like any other."""

    @pytest.fixture
    def guilty(self, schedules: list[TaskSchedule]) -> TaskSchedule:
        priority_out_of_range(schedules[0])
        return schedules[0]

    def test_it_can_be_read_and_listed(self, api: Api, guilty: TaskSchedule) -> None:
        Sweeper().sweep()
        body = api.get(f"/task-schedules/{guilty.id}/").json
        assert (body["status"], body["priority"]) == ("error", 77)
        assert "task_priority_range" in body["error"]
        [listed] = api.get("/task-schedules/?status=error").json["results"]
        assert listed["id"] == str(guilty.id)
        assert api.get(f"/task-schedules/{guilty.id}/occurrences/").status == 200

    def test_an_edit_mends_it(self, api: Api, guilty: TaskSchedule, clock: Clock) -> None:
        Sweeper().sweep()
        clock.advance(MINUTE / 2)
        answer = edit(api, guilty, {"priority": 7})
        assert (answer.status, answer.json["status"], answer.json["error"]) == (200, "active", None)
        clock.advance(MINUTE / 2)
        Sweeper().sweep()
        assert [task.priority for task in tasks(guilty)] == [7]

    def test_an_edit_that_finds_it_out(self, api: Api, guilty: TaskSchedule, clock: Clock) -> None:
        clock.advance(MINUTE / 2)
        answer = edit(api, guilty, {"priority": 7})
        assert (answer.status, answer.json["status"]) == (200, "active")
        assert ledger(guilty) == [(0, 0, "error")]

    def test_a_pause_that_finds_it_out(self, api: Api, guilty: TaskSchedule) -> None:
        assert api.post(f"/task-schedules/{guilty.id}/pause/", None).status == 409
        assert fresh(guilty).status == "error"

    def test_it_can_be_deleted(self, api: Api, guilty: TaskSchedule) -> None:
        Sweeper().sweep()
        assert api.delete(f"/task-schedules/{guilty.id}/").status == 204

    def test_a_task_that_somebody_asks_for(self, api: Api, guilty: TaskSchedule) -> None:
        problem = api.post(f"/task-schedules/{guilty.id}/trigger/", None).problem(409, "conflict")
        assert "task_priority_range" in problem["detail"]

    def test_tasks_for_the_past(self, api: Api, guilty: TaskSchedule, clock: Clock) -> None:
        clock.advance(3 * MINUTE)
        body = {"from": at(0).isoformat(), "to": at(2).isoformat()}
        problem = api.post(f"/task-schedules/{guilty.id}/backfill/", body).problem(409, "conflict")
        assert "task_priority_range" in problem["detail"]
        assert not tasks(guilty)


class TestMany:
    def test_pausing(self, api: Api, schedules: list[TaskSchedule], clock: Clock) -> None:
        """What is due is settled first: one is set aside then."""
        priority_out_of_range(schedules[0])
        assert api.post("/task-schedules/pause/?status=active", None).json["count"] == NEIGHBOURS
        assert [fresh(each).status for each in schedules] == ["error", *["paused"] * NEIGHBOURS]

    def test_resuming(self, api: Api, schedules: list[TaskSchedule], clock: Clock) -> None:
        api.post("/task-schedules/pause/?status=active", None)
        clock.advance(MINUTE / 2)
        priority_out_of_range(schedules[0])
        clock.advance(2 * MINUTE)
        answer = api.post("/task-schedules/resume/?status=paused", {"catch_up": "last"})
        assert answer.json["count"] >= NEIGHBOURS
        assert [fresh(each).status for each in schedules] == ["error", *["active"] * NEIGHBOURS]

    @pytest.mark.parametrize(
        ("verb", "before", "after"), [("pause", "active", "paused"), ("resume", "paused", "active")]
    )
    def test_a_row_that_cannot_be_changed(
        self, api: Api, schedules: list[TaskSchedule], clock: Clock, verb: str, before: str, after: str
    ) -> None:
        Sweeper().sweep()
        if before == "paused":
            api.post("/task-schedules/pause/?status=active", None)
        with refused("task_schedule", f"OLD.id = '{schedules[0].id}'"):
            answer = api.post(f"/task-schedules/{verb}/?status={before}", None)
        assert answer.json == {"count": NEIGHBOURS, "complete": True, "failed": 1, "dry_run": False}
        assert [fresh(each).status for each in schedules] == [before, *[after] * NEIGHBOURS]
