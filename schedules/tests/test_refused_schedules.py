"""A schedule that Postgres refuses, or whose rows nobody can read, costs itself: the others and all upkeep go on."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.actor import NOBODY
from operations import Limits, catalogue
from schedules import worker
from schedules.actions import pausing
from schedules.models import Occurrence, TaskSchedule, ZoneData
from schedules.sweep import zone_data
from schedules.sweep.sweeper import Sweeper
from schedules.tests.conftest import NewSchedule
from schedules.tests.lives import MINUTE, at, fresh, ledger, succeed, sweep_for, tasks
from schedules.tests.refusing import EACH_MINUTE, NEIGHBOURS, priority_out_of_range
from tasks_api.database import execute
from tasks_api.lifecycle import Status
from tasks_api.models import Role, Task
from testing.api import Api
from testing.clock import Clock
from testing.factories import ago, make_node, make_task
from testing.refusing import DETAIL, REASON, refused

pytestmark = pytest.mark.usefixtures("brokers_closed")


def lifetime_without_end(schedule: TaskSchedule) -> None:
    TaskSchedule.objects.filter(id=schedule.id).update(timeout_seconds=float("inf"))


def outcome_of_another_release(schedule: TaskSchedule) -> None:
    """Python cannot read the ledger of it, and that of all is read at once."""
    Occurrence.objects.create(
        schedule=schedule, scheduled_for=at(60), last_scheduled_for=at(60), outcome="unheard-of"
    )


BREAK = pytest.mark.parametrize(
    "break_it",
    [
        pytest.param(priority_out_of_range, id="a task that no CHECK allows"),
        pytest.param(lifetime_without_end, id="a number that JSON does not have"),
        pytest.param(outcome_of_another_release, id="a ledger that cannot be read"),
    ],
)


@BREAK
def test_it_is_set_aside_and_its_neighbours_run(
    schedules: list[TaskSchedule], break_it: Callable[[TaskSchedule], None]
) -> None:
    guilty, *neighbours = schedules
    break_it(guilty)
    expired = make_task(expires_at=ago(1))
    sweeper = Sweeper()
    swept = sweeper.sweep()
    assert swept.created == NEIGHBOURS
    assert all(len(tasks(each)) == 1 and fresh(each).status == "active" for each in neighbours)
    found = fresh(guilty)
    assert (found.status, found.sweep_at) == ("error", None)
    assert (found.error or "").startswith("it was refused: ")
    assert not tasks(guilty)
    assert Task.objects.get(id=expired.id).status == Status.REVOKED
    assert sweeper.failure is None  # what is set aside does not fail again


@pytest.mark.parametrize("column", ["next_run_at", "starts_at"])
@pytest.mark.parametrize("instant", ["4713-01-01 00:00:00Z BC", "10000-01-01 00:00:00Z"])
def test_an_instant_that_python_does_not_know(
    schedules: list[TaskSchedule], column: str, instant: str
) -> None:
    guilty, *neighbours = schedules
    sql = f"UPDATE task_schedule SET {column} = %s::timestamptz WHERE id = %s"  # noqa: S608 (our own words)
    execute(sql, [instant, guilty.id])
    sweeper = Sweeper()
    sweeper.sweep()
    assert all(len(tasks(each)) == 1 and fresh(each).status == "active" for each in neighbours)
    assert sweeper.failure is None


def test_limits_that_no_task_may_have(schedules: list[TaskSchedule], monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation says them only when it knows its arguments."""
    limits = replace(catalogue.get("sleep"), limits_of=lambda _: Limits(30, 100_000, idempotent=True))
    monkeypatch.setitem(catalogue._operations, "sleep", limits)
    guilty = schedules[0]
    TaskSchedule.objects.filter(id=guilty.id).update(operation="sleep", arguments={"seconds": 1})
    assert Sweeper().sweep().created == NEIGHBOURS
    expected = "max_attempts of operation sleep must be a whole number from 1 to 100, got 100000"
    assert (fresh(guilty).status, fresh(guilty).error) == ("error", expected)
    answer = Api().post(f"/task-schedules/{guilty.id}/trigger/", None)
    assert expected in answer.problem(409, "conflict")["detail"]


def test_several_are(schedules: list[TaskSchedule]) -> None:
    guilty = [schedules[0], schedules[3], schedules[-1]]
    for each in guilty:
        priority_out_of_range(each)
    assert Sweeper().sweep().created == len(schedules) - len(guilty)
    assert {fresh(each).status for each in guilty} == {"error"}


def test_the_instant_is_on_record_with_the_reason(schedules: list[TaskSchedule], clock: Clock) -> None:
    guilty = schedules[0]
    priority_out_of_range(guilty)
    sweep_for(clock, 2)
    assert ledger(guilty) == [(0, 0, "error")]
    reason = 'new row for relation "task" violates check constraint "task_priority_range"'
    assert fresh(guilty).error == f"it was refused: {reason}"
    assert len(tasks(schedules[1])) == 3


def test_a_pause_of_a_neighbour_that_ends_is_told_as_a_pause(
    schedules: list[TaskSchedule], clock: Clock
) -> None:
    """What the first try planned leaves no trace in the next."""
    pausing.pause(schedules[1].id, NOBODY, until=at(2))
    priority_out_of_range(schedules[0])
    clock.set(at(2))
    Sweeper().sweep()
    assert ledger(schedules[1]) == [(0, 0, "created"), (1, 1, "paused"), (2, 2, "created")]


def test_a_task_that_may_not_be_cancelled_costs_its_own_schedule(
    new_schedule: NewSchedule, clock: Clock
) -> None:
    guilty, neighbour = (new_schedule(rrule=EACH_MINUTE, overlap_policy="cancel_running") for _ in range(2))
    sweep_for(clock, 0)
    clock.advance(MINUTE)
    with refused("task", f"OLD.schedule_id = '{guilty.id}'"):
        Sweeper().sweep()
        Sweeper().sweep()
    assert fresh(guilty).error == f"it was refused: {REASON}"
    assert [task.status for task in tasks(neighbour)] == ["REVOKED", "PENDING"]


class TestOneThatCannotEvenBeSetAside:
    def test_its_neighbours_run(
        self, schedules: list[TaskSchedule], caplog: pytest.LogCaptureFixture
    ) -> None:
        guilty, *neighbours = schedules
        expired = make_task(expires_at=ago(1))
        sweeper = Sweeper()
        with refused("task_schedule", f"OLD.id = '{guilty.id}'"):
            assert sweeper.sweep().created == NEIGHBOURS
            assert sweeper.failure == "expanding schedules: 1 left out, CheckViolation (23514)"
        assert all(len(tasks(each)) == 1 for each in neighbours)
        assert fresh(guilty).status == "active"
        assert Task.objects.get(id=expired.id).status == Status.REVOKED
        assert str(guilty.id) in caplog.text
        assert DETAIL not in caplog.text

    def test_the_next_sweep_does_not_stumble_over_it(
        self, schedules: list[TaskSchedule], clock: Clock
    ) -> None:
        guilty = schedules[0]
        sweeper = Sweeper()
        with refused("task_schedule", f"OLD.id = '{guilty.id}'"):
            sweeper.sweep()
            clock.advance(MINUTE)
            with CaptureQueriesContext(connection) as queries:
                assert sweeper.sweep().created == NEIGHBOURS
        assert not any("SAVEPOINT" in query["sql"] for query in queries.captured_queries)
        assert sum(query["sql"] == "BEGIN" for query in queries.captured_queries) == 1
        assert Sweeper().sweep().created > 0
        assert fresh(guilty).status == "active"
        assert tasks(guilty)


def test_what_concerns_all_sets_nobody_aside(schedules: list[TaskSchedule]) -> None:
    """As where a migration was forgotten. All the rest of the sweep is done."""
    expired = make_task(expires_at=ago(1))
    sweeper = Sweeper()
    execute("ALTER TABLE occurrence RENAME COLUMN reason TO elsewhere", None)
    try:
        sweeper.sweep()
        assert sweeper.failure == "expanding schedules: UndefinedColumn (42703)"
    finally:
        execute("ALTER TABLE occurrence RENAME COLUMN elsewhere TO reason", None)
    assert {fresh(each).status for each in schedules} == {"active"}
    assert Task.objects.get(id=expired.id).status == Status.REVOKED
    assert sweeper.sweep().created == len(schedules)
    assert sweeper.failure is None


def test_waking(new_schedule: NewSchedule, clock: Clock) -> None:
    guilty, neighbour = (new_schedule(rrule=EACH_MINUTE, overlap_policy="queue_one") for _ in range(2))
    sweep_for(clock, 1)
    for each in (guilty, neighbour):
        succeed(each)
    sweeper = Sweeper()
    with refused("task_schedule", f"OLD.id = '{guilty.id}'"):
        sweeper.sweep()
    assert len(tasks(neighbour)) == 2
    assert len(tasks(guilty)) == 1
    assert sweeper.failure == "waking schedules: 1 left out, CheckViolation (23514)"


def test_retention(schedules: list[TaskSchedule]) -> None:
    Sweeper().sweep()
    execute("UPDATE task_schedule SET created_at = created_at - interval '300 days'", None)
    execute(
        "UPDATE occurrence SET scheduled_for = scheduled_for - interval '200 days', "
        "last_scheduled_for = last_scheduled_for - interval '200 days'",
        None,
    )
    sweeper = Sweeper()
    with refused("occurrence", f"OLD.schedule_id = '{schedules[0].id}'", on="DELETE"):
        sweeper.sweep()
    assert [row.schedule_id for row in Occurrence.objects.all()] == [schedules[0].id]
    assert sweeper.failure == "deleting old occurrences: 1 left out, CheckViolation (23514)"


def test_time_zone_data(new_schedule: NewSchedule, clock: Clock) -> None:
    guilty, neighbour = (new_schedule(cron="0 12 * * *", timezone="Europe/Berlin") for _ in range(2))
    Sweeper().sweep()
    wrong = at(60 * 24 * 3)
    TaskSchedule.objects.update(next_run_at=wrong, sweep_at=wrong)
    ZoneData.objects.update(version="older", digests={})
    with refused("task_schedule", f"OLD.id = '{guilty.id}' AND NEW.status = 'active'", on="UPDATE"):
        zone_data.adopt()
    assert fresh(neighbour).next_run_at != wrong
    assert (fresh(guilty).status, fresh(guilty).error) == ("error", f"it was refused: {REASON}")


class TestReadiness:
    """The process that sweeps writes it down, so that every other can tell."""

    @pytest.fixture
    def sweep(self, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Callable[[], None]:
        node, sweeper = make_node(Role.SWEEPER, beat_at=at(10_000)), Sweeper()
        monkeypatch.setattr(worker, "this_node", lambda: node)
        monkeypatch.setattr(worker, "sweeper", lambda: sweeper)
        return cast("Callable[[], None]", worker.sweep)

    def test_it_works(self, api: Api, sweep: Callable[[], None], new_schedule: NewSchedule) -> None:
        guilty = new_schedule(rrule=EACH_MINUTE)
        with refused("task_schedule", f"OLD.id = '{guilty.id}'"):
            sweep()
        part = api.get("/health/ready/").json["sweeper"]
        assert part == {
            "status": "degraded",
            "since": "2027-01-01T12:00:00Z",
            "count": 1,
            "reason": "expanding schedules: 1 left out, CheckViolation (23514)",
        }

    def test_one_that_was_set_aside_is_well(
        self, api: Api, sweep: Callable[[], None], new_schedule: NewSchedule
    ) -> None:
        priority_out_of_range(new_schedule(rrule=EACH_MINUTE))
        sweep()
        assert api.get("/health/ready/").json["sweeper"]["status"] == "ok"

    def test_when_it_works_again_it_is_well(
        self, api: Api, sweep: Callable[[], None], new_schedule: NewSchedule
    ) -> None:
        execute("ALTER TABLE occurrence RENAME COLUMN reason TO elsewhere", None)
        new_schedule(rrule=EACH_MINUTE)
        try:
            sweep()
            assert api.get("/health/ready/").json["sweeper"]["status"] == "degraded"
        finally:
            execute("ALTER TABLE occurrence RENAME COLUMN elsewhere TO reason", None)
        sweep()
        assert api.get("/health/ready/").json["sweeper"]["status"] == "ok"
