"""What the overview tells, to whom, and what it costs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.overview.checklist import steps
from dashboard.overview.facts import left_seconds
from dashboard.shell import strip
from schedules.models import ScheduleStatus, TaskSchedule
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from testing.access import Browser, make_person
from testing.factories import ago
from testing.seeds import HOSTILE, seed

NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
MOST_QUERIES = 12


@pytest.mark.parametrize(
    ("seconds", "percent", "left"),
    [(60, 50, 60), (60, 100, 0), (10, 1, 960), (9, 20, 35), (60, 0, None), (60, None, None)],
)
def test_what_is_left_as_fast_as_so_far(seconds: float, percent: float | None, left: float | None) -> None:
    assert left_seconds(NOW - timedelta(seconds=seconds), percent, NOW) == left


def test_steps_tick_themselves() -> None:
    found = steps(
        runs=True, has_tasks=True, has_success=False, has_schedules=False, is_closed=False, origin="http://a"
    )
    assert [step.is_done for step in found] == [True, True, False, False, False]
    assert """-d '{"operation": "4+7"}'""" in found[1].command


@pytest.mark.django_db
class TestPage:
    def test_a_fresh_installation_has_first_steps_and_empty_states(self) -> None:
        page = Browser().get("/ui/").content.decode()
        for text in (
            "First steps",
            "Nothing runs at the moment",
            "Nothing has failed",
            "No schedule has anything to do",
        ):
            assert text in page

    def test_its_cost_and_its_size(self) -> None:
        seed()
        browser = Browser()
        strip.forget()
        with CaptureQueriesContext(connection) as queries:
            page = browser.get("/ui/").content
        assert len(queries) <= MOST_QUERIES, [each["sql"][:80] for each in queries]
        assert len(page) < 60_000

    def test_it_tells_what_needs_somebody(self) -> None:
        _, schedules = seed()
        rows = TaskSchedule.objects
        rows.filter(id=schedules[1].id).update(
            status=ScheduleStatus.ERROR, error="the rule broke", sweep_at=None
        )
        rows.filter(id=schedules[2].id).update(sweep_at=ago(300))
        rows.filter(id=schedules[3].id).update(
            status=ScheduleStatus.PAUSED, paused_reason="the disk is full", sweep_at=None
        )
        page = Browser().get("/ui/").content.decode()
        for text in ("set aside", "the rule broke", "late", "paused", "the disk is full"):
            assert text in page
        assert f"/ui/schedules/{schedules[4].id}/" in page, "one of the next runs"

    def test_texts_of_others_are_only_text(self) -> None:
        seed()
        page = Browser().get("/ui/").content.decode()
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert HOSTILE[:25] not in page

    def test_who_may_read_no_payloads_sees_no_message(self) -> None:
        seed()
        make_person(role="viewer")
        browser = Browser()
        browser.log_in()
        page = browser.get("/ui/").content.decode()
        assert "OSError" in page
        assert "no network" not in page
        assert "copying" not in page

    def test_another_project_shows_nothing_of_this_one(self) -> None:
        seed()
        make_person(role=None, is_active=True, acme="admin")
        browser = Browser()
        browser.log_in()
        page = browser.get("/ui/").content.decode()
        assert "report 1" not in page
        assert not any(str(task.id) in page for task in Task.objects.filter(status=Status.STARTED))

    def test_a_schedule_that_cannot_be_read_hides_no_others(self) -> None:
        _, schedules = seed()
        TaskSchedule.objects.filter(id=schedules[1].id).update(cron="no cron")
        answer = Browser().get("/ui/")
        assert answer.status_code == 200
        assert f"/ui/schedules/{schedules[4].id}/" in answer.content.decode()
