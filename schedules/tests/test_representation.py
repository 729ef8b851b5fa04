"""What a schedule tells of itself: policies, pauses, what is coming, and what may not be meant."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from schedules.models import Occurrence, TaskSchedule
from schedules.planning import Outcome
from schedules.tests.conftest import NewSchedule
from tasks_api.database import database_now
from testing.api import Api

pytestmark = pytest.mark.django_db

PATH = "/task-schedules/"
START = datetime(2100, 1, 1, tzinfo=UTC)
HOURLY = {"operation": "4+7", "rrule": "FREQ=HOURLY", "starts_at": "2100-01-01T00:00:00Z"}
DAILY = {"operation": "4+7", "cron": "@daily"}
ONCE = {"operation": "4+7", "run_at": "2100-01-01T00:00:00Z"}


@pytest.fixture
def hourly(new_schedule: NewSchedule) -> TaskSchedule:
    """Each full hour from 2100 on."""
    return new_schedule(rrule="FREQ=HOURLY", starts_at="2100-01-01T00:00:00Z")


def read(api: Api, schedule: TaskSchedule) -> Any:
    answer = api.get(f"{PATH}{schedule.id}/")
    assert answer.status == 200
    return answer.json


def hours(instants: Any) -> list[float]:
    """How many hours after the start."""
    return [(datetime.fromisoformat(one["at"]) - START) / timedelta(hours=1) for one in instants]


def override(schedule: TaskSchedule, instant: datetime, outcome: Outcome, **more: Any) -> None:
    Occurrence.objects.create(
        schedule=schedule, scheduled_for=instant, last_scheduled_for=instant, outcome=outcome, **more
    )


POLICIES = {
    "overlap_policy": "queue_one",
    "catchup_window_seconds": 90.5,
    "jitter_seconds": 30,
    "pause_after_failures": 3,
    "misfire_policy": "run_last",
    "timeout_seconds": 12,
    "expires_after_seconds": 0.5,
}


def test_policies_read_back_as_they_came(api: Api) -> None:
    created = api.post(PATH, {**HOURLY, **POLICIES})
    assert {name: created.json[name] for name in POLICIES} == POLICIES
    again = api.get(f"{PATH}{created.json['id']}/")
    assert again.content == created.content


def test_defaults(api: Api) -> None:
    body = api.post(PATH, HOURLY).json
    names = ("overlap_policy", "catchup_window_seconds", "jitter_seconds", "pause_after_failures")
    assert [body[name] for name in names] == ["allow", None, 0, None]
    assert (body["paused_reason"], body["paused_until"], body["warnings"]) == (None, None, [])
    assert body["ledger_from"] == body["created_at"]
    assert api.get(f"{PATH}{body['id']}/").json == body
    assert "dropped_overrides" not in body


def test_a_null_window_is_kept(api: Api) -> None:
    """The default depends on misfire_policy, so it is not filled in."""
    assert api.post(PATH, {**HOURLY, "misfire_policy": "run_all"}).json["catchup_window_seconds"] is None


class TestPaused:
    def test_without_an_end_nothing_is_coming(self, api: Api, hourly: TaskSchedule) -> None:
        body = api.post(f"{PATH}{hourly.id}/pause/", {}).json
        assert (body["next_run_at"], body["upcoming"]) == (None, [])

    @pytest.mark.parametrize("until", ["2100-01-01T03:00:00Z", "2100-01-01T02:00:01Z"])
    def test_with_an_end_it_goes_on_there(self, api: Api, hourly: TaskSchedule, until: str) -> None:
        body = api.post(f"{PATH}{hourly.id}/pause/", {"until": until}).json
        assert hours(body["upcoming"]) == [3, 4, 5, 6, 7]
        assert body["next_run_at"] == "2100-01-01T03:00:00Z"

    def test_an_end_after_the_last_instant(self, api: Api, new_schedule: NewSchedule) -> None:
        once = new_schedule(run_at="2100-01-01T00:00:00Z")
        body = api.post(f"{PATH}{once.id}/pause/", {"until": "2100-01-01T00:00:01Z"}).json
        assert (body["next_run_at"], body["upcoming"]) == (None, [])


class TestOverridden:
    def test_what_is_skipped_is_not_coming(self, api: Api, hourly: TaskSchedule) -> None:
        for hour in (0, 1, 3):
            override(hourly, START + timedelta(hours=hour), Outcome.OVERRIDDEN)
        body = read(api, hourly)
        assert hours(body["upcoming"]) == [2, 4, 5, 6, 7]
        assert body["next_run_at"] == body["upcoming"][0]["at"]

    def test_what_is_skipped_is_not_coming_after_a_pause(self, api: Api, hourly: TaskSchedule) -> None:
        override(hourly, START, Outcome.OVERRIDDEN)
        body = api.post(f"{PATH}{hourly.id}/pause/", {"until": "2099-01-01T00:00:00Z"}).json
        assert hours(body["upcoming"]) == [1, 2, 3, 4, 5]
        assert body["next_run_at"] == body["upcoming"][0]["at"]

    def test_what_is_moved_or_changed_keeps_its_name(self, api: Api, hourly: TaskSchedule) -> None:
        override(hourly, START, Outcome.MOVED, due_at=START + timedelta(minutes=5))
        override(hourly, START + timedelta(hours=1), Outcome.CHANGED, changes={"priority": 9})
        assert hours(read(api, hourly)["upcoming"]) == [0, 1, 2, 3, 4]

    def test_all_that_is_left_is_skipped(self, api: Api, new_schedule: NewSchedule) -> None:
        twice = new_schedule(rrule="FREQ=HOURLY;COUNT=2", starts_at="2100-01-01T00:00:00Z")
        for hour in (0, 1):
            override(twice, START + timedelta(hours=hour), Outcome.OVERRIDDEN)
        body = read(api, twice)
        assert (body["next_run_at"], body["upcoming"]) == (None, [])

    def test_a_page_costs_two_queries(
        self, api: Api, new_schedule: NewSchedule, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(5):
            schedule = new_schedule(rrule="FREQ=HOURLY", starts_at="2100-01-01T00:00:00Z")
            override(schedule, START, Outcome.OVERRIDDEN)
        with django_assert_num_queries(2):
            listed = api.get(PATH).json["results"]
        assert [hours(one["upcoming"]) for one in listed] == [[1, 2, 3, 4, 5]] * 5


def test_what_waits_for_its_end_counts_as_one_to_come(api: Api, new_schedule: NewSchedule) -> None:
    soon = database_now().replace(microsecond=0) + timedelta(hours=1)
    schedule = new_schedule(rrule="FREQ=HOURLY", starts_at=soon.isoformat(), schedule_x_times=2)
    override(schedule, soon, Outcome.MOVED, due_at=soon + timedelta(minutes=90))
    TaskSchedule.objects.update(next_run_at=soon + timedelta(hours=1))
    assert len(read(api, schedule)["upcoming"]) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**DAILY, "misfire_policy": "run_all", "overlap_policy": "skip"}, "run_all"),
        ({**DAILY, "misfire_policy": "run_all", "overlap_policy": "queue_one"}, "queue_one"),
        ({**DAILY, "misfire_policy": "run_all", "overlap_policy": "cancel_running"}, "cancel_running"),
        ({**DAILY, "jitter_seconds": 60, "overlap_policy": "skip"}, "jitter_seconds"),
        ({**DAILY, "misfire_policy": "skip", "catchup_window_seconds": 60}, "catchup_window_seconds"),
        ({**DAILY, "catchup_window_seconds": 1}, "catchup_window_seconds"),
        ({**ONCE, "misfire_policy": "skip"}, "run_at"),
        ({**ONCE, "catchup_window_seconds": 60}, "run_at"),
        ({"operation": "4+7", "rrule": "DTSTART:21000101T000000Z\nRRULE:FREQ=DAILY;BYHOUR=5"}, "DTSTART"),
    ],
)
def test_it_warns(api: Api, body: dict[str, Any], words: str) -> None:
    [warning] = api.post(PATH, body).json["warnings"]
    assert words in warning


@pytest.mark.parametrize(
    "body",
    [
        {**DAILY, "misfire_policy": "run_all"},
        {**DAILY, "overlap_policy": "skip"},
        {**DAILY, "misfire_policy": "skip", "jitter_seconds": 60},
        {**DAILY, "catchup_window_seconds": 60},
        {**ONCE, "misfire_policy": "run_all", "overlap_policy": "skip", "jitter_seconds": 60},
    ],
)
def test_it_does_not_warn_without_need(api: Api, body: dict[str, Any]) -> None:
    assert api.post(PATH, body).json["warnings"] == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [({"operation": "gone"}, "gone"), ({"timezone": "Mars/Olympus"}, "can no longer be read")],
)
def test_what_an_upgrade_broke_is_told(
    api: Api, hourly: TaskSchedule, broken: dict[str, str], words: str
) -> None:
    TaskSchedule.objects.update(**broken)
    [warning] = read(api, hourly)["warnings"]
    assert words in warning


@pytest.mark.parametrize("status", ["completed", "error"])
def test_nothing_is_coming_of_one_that_ended(api: Api, hourly: TaskSchedule, status: str) -> None:
    TaskSchedule.objects.update(status=status, sweep_at=None)
    body = read(api, hourly)
    assert (body["next_run_at"], body["upcoming"]) == (None, [])


@pytest.mark.parametrize("column", ["jitter_seconds", "expires_after_seconds", "catchup_window_seconds"])
@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_what_is_no_number_hides_no_neighbour(
    api: Api, hourly: TaskSchedule, new_schedule: NewSchedule, column: str, value: str
) -> None:
    """As somebody wrote it by SQL."""
    broken = new_schedule(cron="@daily")
    TaskSchedule.objects.filter(id=broken.id).update(**{column: float(value)})
    assert read(api, broken)[column] is None
    answer = api.get(PATH)
    assert answer.status == 200
    assert {each["id"] for each in answer.json["results"]} == {str(hourly.id), str(broken.id)}
