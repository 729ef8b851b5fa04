"""MIN_INTERVAL_SECONDS is asked of rules when somebody writes them. Raised, it leaves those alone that are stored."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from schedules.models import TaskSchedule
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at, fresh, ledger, tasks
from testing.api import Answer, Api
from testing.clock import Clock

READS_A_RULE = re.compile(r"(?<!_)parse(_stored)?\(")
OFTEN = {"operation": "1+1", "rrule": "FREQ=MINUTELY"}


@pytest.fixture
def schedule(new_schedule: NewSchedule, clock: Clock, settings: LazySettings) -> TaskSchedule:
    """One that runs each minute, where by now no new one may run more often than each hour."""
    schedule = new_schedule(rrule="FREQ=MINUTELY", name="often")
    settings.MIN_INTERVAL_SECONDS = 3_600
    return schedule


def send(api: Api, method: str, path: str, body: dict[str, Any]) -> Answer:
    return api.send(method, f"/task-schedules/{path}", json.dumps(body).encode())


class TestOneThatIsStored:
    def test_api_and_sweep_agree_that_it_goes_on(
        self, api: Api, schedule: TaskSchedule, clock: Clock
    ) -> None:
        sweeper = Sweeper()
        for _ in range(3):
            sweeper.sweep()
            body = api.get(f"/task-schedules/{schedule.id}/").json
            assert body["status"] == "active"
            assert len(body["upcoming"]) == 5
            clock.advance(MINUTE)
        assert len(tasks(schedule)) == 3

    def test_it_tells_that_it_would_be_refused_today(self, api: Api, schedule: TaskSchedule) -> None:
        [warning] = api.get(f"/task-schedules/{schedule.id}/").json["warnings"]
        assert warning.startswith("the rule would not be accepted today, and goes on because it is older: ")

    def test_what_else_it_says_can_be_edited(self, api: Api, schedule: TaskSchedule) -> None:
        assert send(api, "PATCH", f"{schedule.id}/", {"priority": 9}).json["priority"] == 9
        assert send(api, "PATCH", f"{schedule.id}/", {"rrule": "FREQ=MINUTELY"}).status == 200
        assert send(api, "PUT", "by-name/often/", {**OFTEN, "priority": 8}).json["priority"] == 8
        assert fresh(schedule).next_run_at == at(1)

    def test_a_dry_run_of_that(self, api: Api, schedule: TaskSchedule) -> None:
        body = send(api, "PATCH", f"{schedule.id}/?dry_run=true", {"priority": 9}).json
        assert len(body["before"]) == len(body["after"]) == 10

    def test_its_occurrences_are_as_before(self, api: Api, schedule: TaskSchedule, clock: Clock) -> None:
        path = f"{schedule.id}/occurrences/{at(2).strftime('%FT%TZ')}/"
        assert send(api, "PUT", path, {"skip": True}).status == 200
        assert api.get(f"/task-schedules/{schedule.id}/occurrences/").json["results"]
        clock.set(at(3))
        Sweeper().sweep()
        assert [outcome for _, _, outcome in ledger(schedule)][-2:] == ["overridden", "created"]

    def test_it_can_be_triggered_paused_resumed_and_backfilled(
        self, api: Api, schedule: TaskSchedule, clock: Clock
    ) -> None:
        path = f"/task-schedules/{schedule.id}"
        assert api.post(f"{path}/trigger/", None).status == 202
        assert api.post(f"{path}/pause/", None).status == 200
        clock.advance(5 * MINUTE)
        assert api.post(f"{path}/resume/", {"catch_up": "all"}).json["status"] == "active"
        body = {"from": at(-3).isoformat(), "to": at(0).isoformat()}
        assert api.post(f"{path}/backfill/", body).status == 202


class TestOneThatSomebodyWrites:
    def test_a_new_one(self, api: Api, schedule: TaskSchedule) -> None:
        for path in ("", "preview/"):
            body = OFTEN if not path else {"rrule": "FREQ=MINUTELY"}
            [(where, code, _)] = api.post(f"/task-schedules/{path}", body).errors()
            assert (where, code) == ("#/rrule", "too_frequent")

    @pytest.mark.parametrize("query", ["", "?dry_run=true"])
    def test_another_rule_for_one_that_is_there(self, api: Api, schedule: TaskSchedule, query: str) -> None:
        body = {"rrule": "FREQ=MINUTELY;INTERVAL=2"}
        [(where, code, _)] = send(api, "PATCH", f"{schedule.id}/{query}", body).errors()
        assert (where, code) == ("#/rrule", "too_frequent")
        assert fresh(schedule).rrule == "FREQ=MINUTELY"


def test_there_is_one_way_to_the_rule_of_a_schedule() -> None:
    """`TaskSchedule.rule`. Others read rules that are no schedule's, or not yet."""
    others = {
        "models.py",
        "actions/editing.py",
        "ledger/ranges.py",
        "shown/year.py",
        "api/arguments.py",
        "api/quotas.py",
    }
    root = Path(__file__).parents[1]
    files = [file for file in root.rglob("*.py") if not {"tests", "recurrence"} & set(file.parts)]
    found = {str(file.relative_to(root)) for file in files if READS_A_RULE.search(file.read_text())}
    assert found == others
