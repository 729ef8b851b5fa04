"""The ledger keeps what is young."""

from datetime import timedelta

import pytest

from schedules.models import Occurrence
from schedules.retention import forget_old_occurrences
from schedules.tests.conftest import NewSchedule
from tasks_api.database import database_now

pytestmark = pytest.mark.django_db


def test_what_is_old_goes_and_what_is_young_stays(new_schedule: NewSchedule) -> None:
    schedule, now = new_schedule(), database_now()
    for days in (1, 89, 91, 400):
        instant = now - timedelta(days=days)
        Occurrence.objects.create(
            schedule=schedule,
            scheduled_for=instant,
            last_scheduled_for=instant,
            outcome="coalesced",
            reason="late",
        )
    assert forget_old_occurrences() == 2
    assert sorted((now - row.scheduled_for).days for row in Occurrence.objects.all()) == [1, 89]


def test_a_range_stays_until_all_of_it_is_old(new_schedule: NewSchedule) -> None:
    now = database_now()
    Occurrence.objects.create(
        schedule=new_schedule(),
        scheduled_for=now - timedelta(days=400),
        last_scheduled_for=now - timedelta(days=10),
        count=390,
        outcome="coalesced",
        reason="late",
    )
    assert forget_old_occurrences() == 0
