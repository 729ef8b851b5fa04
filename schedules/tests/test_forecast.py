"""GET /task-schedules/forecast/, and the turns of the sweep that count for it."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.actor import NOBODY
from schedules.actions import pausing
from schedules.actions.overriding import Override
from schedules.forecast_rows import ForecastProgress, ForecastShare
from schedules.forecasting import expected, progress, turns
from schedules.forecasting.turns import take_turn
from schedules.models import TaskSchedule
from schedules.recurrence.tests.test_budget import SPARSE
from schedules.sweep.signs import is_any_seen
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import edit, put_override
from schedules.tests.conftest import NOON, NewSchedule
from tasks_api.database import fetch_all
from testing.access import make_project
from testing.api import Answer, Api
from testing.broker import Lists
from testing.clock import Clock
from testing.plans import explain, readings_of

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/task-schedules/forecast/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURLY = {"cron": "30 * * * *"}


def finish_round() -> None:
    """Turn after turn, until every schedule was looked at."""
    for _ in range(100):
        take_turn()
        if ForecastProgress.objects.get().turn_at != expected.ask(1).now:
            return
    raise AssertionError("the round does not end")


def ask(api: Api, query: dict[str, Any]) -> Answer:
    return api.get(f"{URL}?{urlencode(query)}")


def foretold(api: Api, **query: Any) -> list[tuple[float, str, int, int]]:
    """Each result: how many hours after noon, the operation, the priority, how many."""
    answer = ask(api, query)
    assert answer.status == 200, answer.content
    found = []
    for each in answer.json["results"]:
        hours = (datetime.fromisoformat(each["at"]) - NOON) / HOUR
        found.append((hours, each["operation"], each["priority"], each["expected"]))
    return found


def counts(api: Api, **query: Any) -> list[tuple[float, int]]:
    return [(hours, count) for hours, _, _, count in foretold(api, **query)]


@pytest.fixture
def asked(api: Api, clock: Clock) -> Api:
    """Somebody has asked."""
    api.get(URL)
    return api


def next_round(clock: Clock) -> None:
    clock.advance(timedelta(seconds=61))
    finish_round()


def test_it_is_counted_once_somebody_has_asked(api: Api, clock: Clock, new_schedule: NewSchedule) -> None:
    new_schedule(**HOURLY)
    assert take_turn() == 0
    assert not ForecastShare.objects.exists()
    first = api.get(URL).json
    assert first == {
        "from": "2027-01-01T12:00:00Z",
        "to": "2027-01-02T12:00:00Z",
        "bucket_seconds": 3_600,
        "computed_at": None,
        "schedules": 0,
        "uncounted": 0,
        "results": [],
    }
    finish_round()
    answer = api.get(URL).json
    assert (answer["computed_at"], answer["schedules"]) == ("2027-01-01T12:00:00Z", 1)
    assert answer["results"][0] == {
        "at": "2027-01-01T12:00:00Z",
        "operation": "calculate",
        "priority": 5,
        "expected": 1,
    }
    assert [each["expected"] for each in answer["results"]] == [1] * 24


def test_parts_are_as_long_as_is_asked_for(asked: Api, new_schedule: NewSchedule) -> None:
    new_schedule(**HOURLY)
    new_schedule(every_x_seconds=7)
    finish_round()
    assert counts(asked, to="2027-01-01T14:00:00Z") == [(0, 516), (1, 515)]
    query = {"from": "2027-01-01T12:30:00Z", "to": "2027-01-01T16:59:59Z", "bucket_seconds": 7_200}
    assert counts(asked, **query) == [(0, 1031), (2, 1031), (4, 515)]
    assert ask(asked, query).json["to"] == "2027-01-01T17:00:00Z"
    everything = {"bucket_seconds": 7 * 86_400, "to": "2027-01-08T12:00:00Z"}
    assert counts(asked, **everything) == [(0, 168 + 86_400)]


def test_operations_and_priorities_stand_apart(asked: Api, new_schedule: NewSchedule) -> None:
    new_schedule(**HOURLY, priority=9)
    new_schedule(**HOURLY, priority=2)
    new_schedule(**HOURLY, operation="sleep", arguments={"seconds": 0}, priority=2)
    finish_round()
    assert foretold(asked, to="2027-01-01T13:00:00Z") == [
        (0, "calculate", 2, 1),
        (0, "calculate", 9, 1),
        (0, "sleep", 2, 1),
    ]


def test_what_changes_is_counted_anew(asked: Api, clock: Clock, new_schedule: NewSchedule) -> None:
    changed, deleted, paused, kept = (new_schedule(cron=f"{n} 20 * * *") for n in range(4))
    finish_round()
    assert counts(asked) == [(8, 4)]
    edit(changed, cron="0 21 * * *")
    TaskSchedule.objects.filter(id=deleted.id).delete()
    pausing.pause(paused.id, NOBODY)
    before = ForecastShare.objects.get(schedule_id=kept.id)
    clock.advance(timedelta(seconds=61))
    assert take_turn() == 2
    assert counts(asked) == [(8, 1), (9, 1)]
    assert ForecastShare.objects.get(schedule_id=kept.id).counted_to == before.counted_to
    assert asked.get(URL).json["schedules"] == 3
    pausing.resume(paused.id, NOBODY)
    edit(changed, operation="2+2", priority=1)
    next_round(clock)
    assert foretold(asked) == [(8, "calculate", 5, 2), (9, "calculate", 1, 1)]


def test_what_the_sweep_changes_is_counted_anew(asked: Api, clock: Clock, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(**HOURLY)
    finish_round()
    TaskSchedule.objects.filter(id=schedule.id).update(status="error", error="gone", sweep_at=None)
    next_round(clock)
    assert counts(asked) == []


def test_a_pause_is_waited_for(asked: Api, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(**HOURLY)
    pausing.pause(schedule.id, NOBODY, until=NOON + 20.75 * HOUR)
    finish_round()
    assert counts(asked) == [(21, 1), (22, 1), (23, 1)]


def test_ends_are_respected(asked: Api, new_schedule: NewSchedule) -> None:
    new_schedule(**HOURLY, ends_at="2027-01-01T13:30:00Z")
    new_schedule(every_x_minutes=20, starts_at="2027-01-01T12:10:00Z", schedule_x_times=4)
    new_schedule(run_at="2027-01-02T11:59:59Z")
    finish_round()
    assert counts(asked) == [(0, 1 + 3), (1, 1 + 1), (23, 1)]


def test_overrides_are_respected(asked: Api, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(**HOURLY, schedule_x_times=6)
    half = NOON + HOUR / 2
    put_override(schedule.id, half + HOUR, Override(skip=True))
    put_override(schedule.id, half + 2 * HOUR, Override(run_at=half + 20 * HOUR))
    put_override(schedule.id, half + 3 * HOUR, Override(changes={"priority": 9}))
    finish_round()
    assert [(hours, priority, count) for hours, _, priority, count in foretold(asked)] == [
        (0, 5, 1),
        (3, 9, 1),
        *((float(hours), 5, 1) for hours in (4, 5, 6, 7)),
    ]


def test_late_ones_count_against_the_number_of_times(
    asked: Api, clock: Clock, new_schedule: NewSchedule
) -> None:
    new_schedule(**HOURLY, schedule_x_times=6, misfire_policy="run_all")
    clock.advance(4 * HOUR)
    asked.get(URL)
    finish_round()
    assert counts(asked) == [(4, 1), (5, 1)]


def test_what_takes_too_long_to_count_is_told(asked: Api, clock: Clock, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(**HOURLY)
    TaskSchedule.objects.filter(id=schedule.id).update(cron=None, rrule=SPARSE, version=2)
    finish_round()
    answer = asked.get(URL).json
    assert (answer["schedules"], answer["uncounted"], answer["results"]) == (1, 1, [])
    edit(schedule, cron="0 * * * *")
    next_round(clock)
    assert (asked.get(URL).json["uncounted"], len(counts(asked))) == (0, 24)


def test_the_horizon_moves_on(asked: Api, clock: Clock, new_schedule: NewSchedule) -> None:
    new_schedule(**HOURLY)
    finish_round()
    clock.advance(25 * HOUR)
    assert asked.get(URL).json["computed_at"] is None
    next_round(clock)
    week = (clock.now() + 7 * DAY).isoformat()
    assert [count for _, count in counts(asked, to=week)] == [1] * (7 * 24 + 1)


def test_nobody_pays_who_does_not_ask(
    api: Api, clock: Clock, new_schedule: NewSchedule, broker: Lists
) -> None:
    new_schedule(rrule="FREQ=DAILY", starts_at="2100-01-01T00:00:00Z")
    assert not is_any_seen()
    api.get(URL)
    assert is_any_seen()
    Sweeper().sweep()
    assert not is_any_seen()
    clock.advance(progress.REST)
    assert is_any_seen()
    clock.advance(progress.KEPT_FOR)
    Sweeper().sweep()
    assert not is_any_seen()
    clock.advance(DAY)
    assert not is_any_seen()
    assert api.get(URL).json["schedules"] == 1
    assert is_any_seen()


def test_a_sweep_sends_no_statement_more_for_it(
    api: Api, clock: Clock, new_schedule: NewSchedule, broker: Lists
) -> None:
    sweeper = Sweeper()
    sweeper.sweep()
    with CaptureQueriesContext(connection) as captured:
        sweeper.sweep()
    assert [
        query["sql"] for query in captured if "forecast" in query["sql"] and "occurrence" not in query["sql"]
    ] == []


def test_turns_are_bounded(asked: Api, new_schedule: NewSchedule, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(7):
        new_schedule(**HOURLY)
    monkeypatch.setattr(turns, "MOST_COUNTED", 3)
    monkeypatch.setattr(turns, "MOST_LOOKED_AT", 5)
    assert [take_turn() for _ in range(5)] == [3, 3, 1, 0, 0]
    assert asked.get(URL).json["computed_at"]
    assert [count for _, count in counts(asked)] == [7] * 24
    TaskSchedule.objects.all().delete()
    monkeypatch.setattr(progress, "REST", timedelta(0))
    ForecastProgress.objects.update(turn_at=NOON)
    for _ in range(4):
        take_turn()
    assert (counts(asked), asked.get(URL).json["schedules"]) == ([], 0)


def test_a_turn_ends_when_its_time_is_spent(
    asked: Api, new_schedule: NewSchedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        new_schedule(**HOURLY)
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.0)
    assert [take_turn() for _ in range(4)] == [1, 1, 1, 0]


def test_statements_do_not_grow_with_schedules(asked: Api, clock: Clock, new_schedule: NewSchedule) -> None:
    sent = []
    for number in (1, 10):
        for _ in range(number):
            new_schedule(**HOURLY)
        clock.advance(timedelta(seconds=61))
        with CaptureQueriesContext(connection) as captured:
            take_turn()
        sent.append(len(captured))
    assert sent == [11, 11]
    with CaptureQueriesContext(connection) as captured:
        asked.get(URL)
    assert len(captured) <= 3


def test_another_project_has_its_own(asked: Api, clock: Clock, new_schedule: NewSchedule) -> None:
    other = make_project("acme")
    schedule = new_schedule(**HOURLY)
    new_schedule(cron="0 13 * * *")
    TaskSchedule.objects.filter(id=schedule.id).update(project_id=other.id)
    assert asked.get(URL, punctual_project="acme").json["schedules"] == 0
    for _ in range(4):
        take_turn()
    assert counts(asked) == [(1, 1)]
    assert [each["expected"] for each in asked.get(URL, punctual_project="acme").json["results"]] == [1] * 24


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        (
            {"from": "2027-01-01T11:59:59Z"},
            ("from", "too_early", "must not be before 2027-01-01T12:00:00Z, got 2027-01-01T11:59:59Z"),
        ),
        (
            {"from": "2027-01-08T12:00:00Z"},
            ("from", "too_late", "must be before 2027-01-08T12:00:00Z, got 2027-01-08T12:00:00Z"),
        ),
        (
            {"to": "2027-01-08T12:00:01Z"},
            ("to", "too_late", "must not be after 2027-01-08T12:00:00Z, got 2027-01-08T12:00:01Z"),
        ),
        (
            {"from": "2027-01-02T12:00:00Z", "to": "2027-01-02T12:00:00Z"},
            ("to", "too_early", "must be after from, 2027-01-02T12:00:00Z, got 2027-01-02T12:00:00Z"),
        ),
    ],
)
def test_the_time_is_bounded(asked: Api, query: dict[str, str], errors: tuple[str, str, str]) -> None:
    assert ask(asked, query).errors() == [errors]


@pytest.mark.parametrize("seconds", ["0", "-3600", "5400", "60", "608400", "x", "1e99", "9" * 400])
def test_parts_are_whole_hours(asked: Api, seconds: str) -> None:
    ((where, _, _),) = ask(asked, {"bucket_seconds": seconds}).errors()
    assert where == "bucket_seconds"


FILL_SQL = """
INSERT INTO task_schedule (id, version, every_x_hours, timezone, operation, arguments, priority, tags, misfire_policy,
                           dst_gap, dst_fold, overlap_policy, jitter_seconds, status, next_run_at, sweep_at,
                           runs_created, project_id)
SELECT uuidv7(n * interval '-1 second'), 1, 1, 'UTC', 'calculate', '{}', 5, '{}', 'run_last', 'auto', 'auto', 'allow',
       0, 'active', now(), now(), 0, n % 10 + 1
  FROM generate_series(1, 20000) AS n;
INSERT INTO forecast_share (schedule_id, project_id, version, status, counted_to, operation, counts)
SELECT id, project_id, version, status, 'infinity', operation, '[]' FROM task_schedule;
INSERT INTO forecast (project_id, hour, operation, priority, expected)
SELECT project, date_trunc('hour', now()) + h * interval '1 hour', 'of ' || o, 5, 1
  FROM generate_series(1, 10) AS project, generate_series(0, 215) AS h, generate_series(1, 10) AS o;
ANALYZE task_schedule, forecast_share, forecast;
"""


def test_no_more_is_read_than_a_turn_looks_at(asked: Api, clock: Clock) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL_SQL)
    parameters = {
        "project": 1,
        "after": UUID(int=0),
        "end": UUID(int=2**128 - 1),
        "needed_to": NOON,
        "limit": 200,
    }
    (end,) = fetch_all(turns.END_SQL, {**parameters, "most": turns.MOST_LOOKED_AT - 1})[0]
    for sql in (turns.END_SQL, turns.STALE_SQL, turns.GONE_SQL):
        readings = explain(sql, {**parameters, "end": end, "most": turns.MOST_LOOKED_AT - 1})
        assert sum(reading.rows for reading in readings) <= 2 * turns.MOST_LOOKED_AT + 1, readings
    readings = readings_of(lambda: expected.expected_in(1, NOON, NOON + HOUR, HOUR), "forecast")
    assert sum(reading.rows for reading in readings) <= 10
