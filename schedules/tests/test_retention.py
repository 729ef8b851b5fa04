"""The ledger keeps what is young, and knows from when on it is complete."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from schedules.ledger.retention import forget_old_occurrences
from schedules.models import Occurrence, TaskSchedule, ZoneData
from schedules.sweep import zone_data
from schedules.tests.conftest import NewSchedule
from tasks_api.database import database_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(new_schedule: NewSchedule) -> TaskSchedule:
    """A schedule that was created two years ago."""
    return aged(new_schedule(), 730)


def aged(schedule: TaskSchedule, days: float) -> TaskSchedule:
    schedule.created_at = schedule.ledger_from = database_now() - timedelta(days=days)
    schedule.save()
    return schedule


def record(schedule: TaskSchedule, first: datetime, last: datetime | None = None, **fields: Any) -> None:
    row = {"outcome": "missed", "reason": "late", "rule": {}, **fields}
    Occurrence.objects.create(schedule=schedule, scheduled_for=first, last_scheduled_for=last or first, **row)


def test_what_is_old_goes_and_what_is_young_stays(old: TaskSchedule) -> None:
    now = database_now()
    for days in (1, 89, 91, 400):
        record(old, now - timedelta(days=days))
    assert forget_old_occurrences() == 2
    assert sorted((now - row.scheduled_for).days for row in Occurrence.objects.all()) == [1, 89]


def test_the_ledger_begins_later_then(old: TaskSchedule) -> None:
    now = database_now()
    record(old, now - timedelta(days=100))
    forget_old_occurrences()
    old.refresh_from_db()
    assert now - timedelta(days=91) < old.ledger_from <= now - timedelta(days=89)


def test_without_old_rows_the_ledger_begins_with_the_schedule(old: TaskSchedule) -> None:
    record(old, database_now() - timedelta(days=10))
    assert forget_old_occurrences() == 0
    old.refresh_from_db()
    assert old.ledger_from == old.created_at


def test_what_is_no_more_on_record_is_not_named_again_when_zone_data_change(
    new_schedule: NewSchedule,
) -> None:
    schedule = aged(new_schedule(cron="0 0 1 1 *", timezone="Asia/Tokyo"), 900)
    TaskSchedule.objects.update(updated_at=schedule.created_at)
    record(schedule, database_now() - timedelta(days=400))
    assert forget_old_occurrences() == 1
    ZoneData.objects.update_or_create(id=1, defaults={"version": "another", "digests": {}})
    assert zone_data.adopt() == 0


def test_a_range_stays_until_all_of_it_is_old(old: TaskSchedule) -> None:
    now = database_now()
    record(old, now - timedelta(days=400), now - timedelta(days=10), count=390)
    assert forget_old_occurrences() == 0


def test_what_a_young_schedule_has_of_an_old_time_stays(new_schedule: NewSchedule, old: TaskSchedule) -> None:
    """A backfill brought it; without its record the same could be run again."""
    now = database_now()
    young = aged(new_schedule(), 10)
    record(young, now - timedelta(days=500))
    record(old, now - timedelta(days=400))
    assert forget_old_occurrences() == 1
    assert Occurrence.objects.get().schedule == young


def test_what_waits_stays(old: TaskSchedule) -> None:
    record(old, database_now() - timedelta(days=400), outcome="queued")
    assert forget_old_occurrences() == 0
