"""What the tests of schedules share."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from access.actor import NOBODY
from schedules.actions import editing
from schedules.api import forms
from schedules.models import TaskSchedule
from schedules.recurrence import EVERY
from schedules.tests.refusing import EACH_MINUTE, NEIGHBOURS
from tasks_api.database import database_now
from testing.clock import Clock, moved_clock

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
NewSchedule = Callable[..., TaskSchedule]


@pytest.fixture
def client() -> APIClient:
    """A client that sends JSON."""
    client = APIClient()
    client.default_format = "json"
    return client


@pytest.fixture
def new_schedule(db: None) -> NewSchedule:
    """Creates a schedule from the fields of a body; every second by default."""

    def create(**body: Any) -> TaskSchedule:
        kinds = {*EVERY, "cron", "rrule", "run_at"}
        rule = {} if kinds & body.keys() else {"rrule": "FREQ=SECONDLY"}
        return editing.create(forms.definition({"operation": "1+1", **rule, **body}, NOBODY), NOBODY)

    return create


@pytest.fixture
def clock(transactional_db: None) -> Iterator[Clock]:
    """The database's clock, at noon of a Friday to come, on a full second. It moves when a test moves it."""
    with moved_clock(NOON) as clock:
        yield clock


@pytest.fixture
def schedules(new_schedule: NewSchedule, clock: Clock) -> list[TaskSchedule]:
    """One more than the NEIGHBOURS that tests of a refused one speak of; each is due now, and each minute."""
    return [new_schedule(rrule=EACH_MINUTE, name=f"number {n}") for n in range(1 + NEIGHBOURS)]


@pytest.fixture
def lie_idle(db: None) -> Callable[[TaskSchedule, float], datetime]:
    """Puts a schedule back in time, as if nobody had swept it for so many seconds. Returns its first instant."""

    def move(schedule: TaskSchedule, seconds: float) -> datetime:
        first = (database_now() - timedelta(seconds=seconds)).replace(microsecond=0)
        schedule.starts_at = schedule.next_run_at = schedule.sweep_at = first
        schedule.save()
        return first

    return move
