"""What happens to schedules when another release of the time zone data is installed."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from schedules.models import Occurrence, TaskSchedule, ZoneData
from schedules.planning import Outcome, replanned
from schedules.recurrence import Rule, RuleSpec, parse
from schedules.recurrence.zone_data import RELEASE, digests
from schedules.sweep import zone_data
from schedules.sweep.sweeper import Sweeper
from tasks_api.database import database_now
from tasks_api.models import Task

from .conftest import NewSchedule

pytestmark = pytest.mark.django_db

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)


def installed_before(*changed: str) -> None:
    """Another release was in use, which differs in these zones."""
    stored = {name: digest for name, digest in digests().items() if name not in changed}
    ZoneData.objects.update_or_create(id=1, defaults={"version": "1999a", "digests": stored})


def as_of_old(schedule: TaskSchedule, shift: timedelta, **changes: datetime) -> datetime:
    """Puts the next instant where other data would have had it. Returns where it belongs."""
    right = schedule.next_run_at
    assert right is not None
    was = right + shift
    TaskSchedule.objects.filter(id=schedule.id).update(next_run_at=was, sweep_at=was, **changes)
    return right


def next_of(schedule: TaskSchedule) -> datetime | None:
    schedule.refresh_from_db()
    return schedule.next_run_at


def far_daily(new_schedule: NewSchedule, zone: str = BERLIN) -> TaskSchedule:
    """Every day at a time that is neither near nor just past."""
    hour = (database_now().hour + 12) % 24
    hour = 5 if hour in (1, 2, 3) else hour  # when clocks change
    return new_schedule(cron=f"30 {hour} * * *", timezone=zone)


@pytest.mark.parametrize("shift", [HOUR, -HOUR, timedelta(minutes=30), -3 * HOUR])
def test_the_next_instant_moves_to_where_it_belongs(new_schedule: NewSchedule, shift: timedelta) -> None:
    schedule = far_daily(new_schedule)
    before = TaskSchedule.objects.values("version", "updated_at", "runs_created", "status").get()
    right = as_of_old(schedule, shift)
    installed_before(BERLIN)
    assert zone_data.adopt() == 1
    assert next_of(schedule) == schedule.sweep_at == right
    assert TaskSchedule.objects.values(*before).get() == before


def test_it_is_told(new_schedule: NewSchedule, caplog: pytest.LogCaptureFixture) -> None:
    schedule = far_daily(new_schedule)
    right = as_of_old(schedule, HOUR)
    installed_before(BERLIN)
    with caplog.at_level(logging.WARNING, "schedules"):
        zone_data.adopt()
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    for part in (str(schedule.id), (right + HOUR).isoformat(), right.isoformat(), BERLIN):
        assert part in record.getMessage()


def test_the_release_is_kept_and_asked_for_once(new_schedule: NewSchedule) -> None:
    far_daily(new_schedule)
    assert zone_data.adopt() == 0
    stored = ZoneData.objects.get()
    assert (stored.version, stored.digests) == (RELEASE, digests())
    with CaptureQueriesContext(connection) as queries:
        assert zone_data.adopt() == 0
    assert len(queries) == 1


def test_the_same_release_changes_nothing(new_schedule: NewSchedule) -> None:
    zone_data.adopt()
    schedule = far_daily(new_schedule)
    right = as_of_old(schedule, HOUR)
    assert zone_data.adopt() == 0
    assert next_of(schedule) == right + HOUR


def test_only_zones_whose_data_changed_are_looked_at(new_schedule: NewSchedule) -> None:
    changed, same, utc = (far_daily(new_schedule, zone) for zone in (BERLIN, "Asia/Tokyo", "UTC"))
    rights = [as_of_old(schedule, HOUR) for schedule in (changed, same, utc)]
    installed_before(BERLIN, "UTC")
    assert zone_data.adopt() == 1
    assert [next_of(schedule) for schedule in (changed, same, utc)] == [
        rights[0],
        rights[1] + HOUR,
        rights[2] + HOUR,
    ]


def test_a_rule_that_names_other_zones_is_looked_at(new_schedule: NewSchedule) -> None:
    rrule = "RRULE:FREQ=YEARLY\nRDATE;TZID=Asia/Tokyo:21000101T000000"
    schedule = new_schedule(rrule=rrule, starts_at="2099-05-01T00:00:00Z")
    right = as_of_old(schedule, HOUR)
    installed_before("Asia/Tokyo")
    assert zone_data.adopt() == 1
    assert next_of(schedule) == right


def test_what_ran_is_not_repeated_an_hour_later(new_schedule: NewSchedule) -> None:
    """By the old data today's instant came an hour early, and ran."""
    schedule = far_daily(new_schedule)
    right = as_of_old(schedule, -HOUR)
    ran = right - timedelta(days=1) - HOUR
    TaskSchedule.objects.update(last_run_at=ran, updated_at=ran - timedelta(days=9))
    installed_before(BERLIN)
    zone_data.adopt()
    assert next_of(schedule) == right


@pytest.mark.parametrize("outcome", [Outcome.COALESCED, Outcome.ERROR])
def test_an_instant_on_record_is_not_repeated(new_schedule: NewSchedule, outcome: Outcome) -> None:
    schedule = far_daily(new_schedule)
    right = as_of_old(schedule, 2 * HOUR)
    first = right - timedelta(days=3)
    Occurrence.objects.create(
        schedule=schedule, scheduled_for=first, last_scheduled_for=right, count=4, outcome=outcome, rule={}
    )
    installed_before(BERLIN)
    zone_data.adopt()
    assert next_of(schedule) == parse(schedule.spec).next(right)


def test_what_was_said_of_an_instant_to_come_does_not_count_as_dealt_with(new_schedule: NewSchedule) -> None:
    schedule = far_daily(new_schedule)
    right = as_of_old(schedule, 2 * HOUR)
    ahead = right + timedelta(days=5)
    Occurrence.objects.create(
        schedule=schedule, scheduled_for=ahead, last_scheduled_for=ahead, outcome=Outcome.OVERRIDDEN
    )
    installed_before(BERLIN)
    zone_data.adopt()
    assert next_of(schedule) == right


def test_what_was_said_of_an_instant_that_is_named_no_more_is_dropped_and_told(
    new_schedule: NewSchedule, caplog: pytest.LogCaptureFixture
) -> None:
    schedule = far_daily(new_schedule)
    right = as_of_old(schedule, 2 * HOUR)
    ahead = right + timedelta(days=5, hours=2)
    Occurrence.objects.create(
        schedule=schedule, scheduled_for=ahead, last_scheduled_for=ahead, outcome=Outcome.OVERRIDDEN
    )
    installed_before(BERLIN)
    with caplog.at_level(logging.WARNING):
        zone_data.adopt()
    assert not Occurrence.objects.exists()
    assert ahead.isoformat() in caplog.text


def test_an_instant_that_has_its_task_is_not_repeated(new_schedule: NewSchedule) -> None:
    schedule = far_daily(new_schedule)
    right = as_of_old(schedule, 2 * HOUR)
    TaskSchedule.objects.update(last_run_at=right)
    installed_before(BERLIN)
    zone_data.adopt()
    found = next_of(schedule)
    assert found is not None
    assert found > right


def test_a_schedule_that_has_nothing_left_is_completed(new_schedule: NewSchedule) -> None:
    schedule = far_daily(new_schedule)
    right = as_of_old(schedule, -HOUR)
    TaskSchedule.objects.update(ends_at=right - timedelta(minutes=1), updated_at=right - timedelta(days=9))
    TaskSchedule.objects.update(last_run_at=right - timedelta(days=1))
    installed_before(BERLIN)
    assert zone_data.adopt() == 1
    assert next_of(schedule) is None
    assert (schedule.status, schedule.sweep_at) == ("completed", None)


def test_one_that_waits_for_a_moved_occurrence_is_not_completed(new_schedule: NewSchedule) -> None:
    schedule = far_daily(new_schedule)
    right = as_of_old(schedule, -HOUR)
    TaskSchedule.objects.update(ends_at=right - timedelta(minutes=1), last_run_at=right - timedelta(days=1))
    past = right - timedelta(days=1)
    Occurrence.objects.create(
        schedule=schedule, scheduled_for=past, last_scheduled_for=past, outcome="moved", due_at=right + HOUR
    )
    installed_before(BERLIN)
    zone_data.adopt()
    assert (next_of(schedule), schedule.status, schedule.sweep_at) == (None, "active", right - HOUR)


@pytest.mark.parametrize("status", ["paused", "error", "completed"])
def test_one_that_is_not_active_stays_so_and_tells_from_its_new_instant_on(
    new_schedule: NewSchedule, status: str
) -> None:
    schedule = far_daily(new_schedule)
    right = as_of_old(schedule, HOUR)
    TaskSchedule.objects.update(status=status, sweep_at=None)
    installed_before(BERLIN)
    assert zone_data.adopt() == 1
    assert (next_of(schedule), schedule.status, schedule.sweep_at) == (right, status, None)


def test_a_rule_that_cannot_be_read_holds_nobody_up(new_schedule: NewSchedule) -> None:
    bad, good = far_daily(new_schedule), far_daily(new_schedule)
    TaskSchedule.objects.filter(id=bad.id).update(cron="nonsense")
    right = as_of_old(good, HOUR)
    installed_before(BERLIN)
    assert zone_data.adopt() == 1
    assert next_of(good) == right


def test_many_are_done_in_portions(new_schedule: NewSchedule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zone_data, "CHUNK", 2)
    schedules = [far_daily(new_schedule) for _ in range(5)]
    rights = [as_of_old(schedule, HOUR) for schedule in schedules]
    installed_before(BERLIN)
    assert zone_data.adopt() == 5
    assert [next_of(schedule) for schedule in schedules] == rights


@pytest.mark.django_db(transaction=True)
def test_processes_that_start_at_once_move_each_schedule_once(new_schedule: NewSchedule) -> None:
    schedules = [far_daily(new_schedule) for _ in range(20)]
    rights = [as_of_old(schedule, HOUR) for schedule in schedules]
    installed_before(BERLIN)

    def adopt(_: int) -> int:
        try:
            return zone_data.adopt()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as starting:
        assert sum(starting.map(adopt, range(4))) == 20
    assert [next_of(schedule) for schedule in schedules] == rights


def test_the_first_sweep_looks_before_it_expands(new_schedule: NewSchedule) -> None:
    schedule = far_daily(new_schedule)
    now = database_now()
    due_by_old_data = now - timedelta(seconds=1)
    right = next_of(schedule)
    TaskSchedule.objects.update(
        next_run_at=due_by_old_data, sweep_at=due_by_old_data, updated_at=now - timedelta(days=1)
    )
    installed_before(BERLIN)
    sweeper = Sweeper()
    assert sweeper.sweep().created == 0
    assert next_of(schedule) == right
    assert not Task.objects.exists()

    as_of_old(schedule, HOUR)
    installed_before(BERLIN)
    sweeper.sweep()
    assert right is not None
    assert next_of(schedule) == right + HOUR, "only the first sweep of a process looks"


RULES = [
    parse(RuleSpec(cron=cron, timezone=zone))
    for cron in ("0 9 * * *", "*/20 * * * *", "0 9,10 * * 1", "30 2 1 * *")
    for zone in ("UTC", BERLIN, "Australia/Lord_Howe")
]
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(rule=st.sampled_from(RULES), moment=moments)
def test_what_is_right_stays(rule: Rule, moment: datetime) -> None:
    dealt_with, following = islice(rule.between(moment, moment + timedelta(days=99)), 2)
    assert replanned(rule, next_run_at=following, dealt_with=dealt_with) == following


@given(rule=st.sampled_from(RULES), moment=moments, minutes=st.integers(-1500, 1500))
def test_nothing_is_repeated_whatever_the_shift(rule: Rule, moment: datetime, minutes: int) -> None:
    dealt_with, following = islice(rule.between(moment, moment + timedelta(days=99)), 2)
    was = following + timedelta(minutes=minutes)
    found = replanned(rule, next_run_at=was, dealt_with=dealt_with)
    assert found is not None
    assert found > dealt_with
