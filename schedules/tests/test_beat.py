"""The beat says when to sweep: as soon as something is due, once for each, and each second while anything goes on."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from schedules.models import TaskSchedule
from schedules.sweep import beat
from schedules.sweep.beat import ANNOUNCE_SECONDS, SIGNS_SECONDS, Beat, DueScheduler
from schedules.tests.conftest import NewSchedule
from tasks_api.database import database_now, execute, fetch_all
from tasks_api.lifecycle import Status
from tasks_api.models import Role, Task
from tasks_api.node.heartbeat import Node, presence
from tasks_api.submission import NewTask, insert
from testing.concurrency import apart, eventually
from testing.factories import make_task
from testing.locks import locked_table

pytestmark = pytest.mark.django_db(transaction=True)

LieIdle = Callable[[TaskSchedule, float], datetime]


class Announcements:
    """Counts what a beat announces, on a clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.count = 0
        self.clock = 1_000.0
        self.beat = Beat(self._announce, clock=lambda: self.clock)

    def _announce(self) -> None:
        self.count += 1


@pytest.fixture
def announcements() -> Announcements:
    """A beat that has just announced its first sweep."""
    made = Announcements()
    made.beat.tick()
    assert made.count == 1
    return made


def test_it_announces_what_is_due_once(
    announcements: Announcements, new_schedule: NewSchedule, lie_idle: LieIdle
) -> None:
    schedule = new_schedule(rrule="FREQ=DAILY", starts_at="2100-01-01T00:00:00Z")
    announcements.beat.tick()
    assert announcements.count == 1
    TaskSchedule.objects.filter(id=schedule.id).update(sweep_at=database_now())
    announcements.beat.tick()
    assert announcements.count == 2
    announcements.beat.tick()
    assert announcements.count == 2


def test_it_announces_a_task_whose_time_has_come(announcements: Announcements) -> None:
    (task,) = insert(
        [NewTask(operation="sleep", arguments={"seconds": 0}, max_attempts=1, timeout_seconds=1)]
    ).rows()
    Task.objects.filter(id=task.id).update(dispatch_at=database_now())
    announcements.beat.tick()
    assert announcements.count == 2


def test_without_a_sign_of_work_it_announces_seldom(announcements: Announcements) -> None:
    for _ in range(2):
        announcements.clock += SIGNS_SECONDS
        announcements.beat.tick()
    assert announcements.count == 1
    announcements.clock += ANNOUNCE_SECONDS - 2 * SIGNS_SECONDS
    announcements.beat.tick()
    assert announcements.count == 2


def test_while_a_task_runs_it_announces_every_second(announcements: Announcements) -> None:
    make_task(Status.STARTED)
    announcements.clock += SIGNS_SECONDS / 2
    announcements.beat.tick()
    assert announcements.count == 1
    for count in (2, 3):
        announcements.clock += SIGNS_SECONDS / 2 if count == 2 else SIGNS_SECONDS
        announcements.beat.tick()
        assert announcements.count == count


def test_what_it_announced_in_vain_it_announces_again(
    announcements: Announcements, new_schedule: NewSchedule, lie_idle: LieIdle
) -> None:
    """The message is lost, or the sweeper died with it."""
    schedule = new_schedule(rrule="FREQ=DAILY", starts_at="2100-01-01T00:00:00Z")
    TaskSchedule.objects.filter(id=schedule.id).update(sweep_at=database_now())
    for count in (2, 3, 4):
        announcements.clock += SIGNS_SECONDS
        announcements.beat.tick()
        assert announcements.count == count


def test_where_it_cannot_look_for_signs_it_announces_every_second(
    announcements: Announcements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schedules.sweep.signs.LOOK_SQL", "SELECT nonsense")
    for count in (2, 3):
        announcements.clock += SIGNS_SECONDS
        announcements.beat.tick()
        assert announcements.count == count
        assert announcements.beat.failure == "looking for signs of work: UndefinedColumn (42703)"
    monkeypatch.undo()
    announcements.clock += SIGNS_SECONDS
    announcements.beat.tick()
    assert announcements.count == 3
    assert not announcements.beat.failure


def test_it_waits_for_what_is_due_next(announcements: Announcements, new_schedule: NewSchedule) -> None:
    schedule = new_schedule(rrule="FREQ=DAILY", starts_at="2100-01-01T00:00:00Z")
    announcements.beat.tick()
    assert announcements.count == 1
    soon = database_now() + timedelta(seconds=SIGNS_SECONDS / 2)
    TaskSchedule.objects.filter(id=schedule.id).update(sweep_at=soon)
    announcements.beat.tick()
    assert announcements.count == 2
    assert database_now() >= soon


def test_it_sees_what_becomes_due_while_it_waits(
    new_schedule: NewSchedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beat, "SIGNS_SECONDS", 60.0)
    made = Announcements()
    made.beat.tick()
    schedule = new_schedule(rrule="FREQ=DAILY", starts_at="2100-01-01T00:00:00Z")
    waiting = apart(made.beat.tick)
    eventually(lambda: fetch_all(SLEEPS_SQL, []) == [(1,)])
    TaskSchedule.objects.filter(id=schedule.id).update(sweep_at=database_now())
    waiting.result()
    assert made.count == 2


SLEEPS_SQL = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
)


def test_an_announcement_that_failed_is_made_again(new_schedule: NewSchedule) -> None:
    outcomes = iter([ConnectionError(), None])
    made = []

    def announce() -> None:
        if error := next(outcomes):
            raise error
        made.append("sweep")

    made_beat = Beat(announce)
    with pytest.raises(ConnectionError):
        made_beat.tick()
    made_beat.tick()
    assert made == ["sweep"]


@pytest.fixture
def scheduler(announcements: Announcements) -> Iterator[DueScheduler]:
    """Celery's way to that beat, without the broker of a process of its own."""
    made = DueScheduler.__new__(DueScheduler)
    made._beat, made._node, made._told = announcements.beat, Node(Role.BEAT), None
    made._node.start()
    eventually(lambda: presence()[Role.BEAT].alive)
    yield made
    made._node.stop()


def test_it_tells_a_database_that_is_away_from_one_that_gives_up(
    scheduler: DueScheduler, caplog: pytest.LogCaptureFixture
) -> None:
    with locked_table("task"):
        execute("SET lock_timeout = '100ms'", None)
        scheduler.tick()
        eventually(
            lambda: presence()[Role.BEAT].failure == "looking for what is due: LockNotAvailable (55P03)"
        )
    assert "looking for what is due: the database gave up on it after " in caplog.text
    assert "does not answer" not in caplog.text
    scheduler.tick()
    eventually(lambda: presence()[Role.BEAT].failure is None)


def test_query_budget(
    announcements: Announcements,
    new_schedule: NewSchedule,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(3):
        new_schedule(rrule="FREQ=DAILY", starts_at="2100-01-01T00:00:00Z")
    with django_assert_num_queries(1):
        # Wait for the next sweep_at or dispatch_at
        announcements.beat.tick()
    announcements.clock += SIGNS_SECONDS
    with django_assert_num_queries(2):
        # 1. The same
        # 2. SELECT whether there is any sign of work
        announcements.beat.tick()
    assert announcements.count == 1
    TaskSchedule.objects.update(sweep_at=database_now())
    with django_assert_num_queries(1):
        announcements.beat.tick()
    assert announcements.count == 2
