"""What the tests of schedules share."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from schedules.actions import editing
from schedules.api import forms
from schedules.models import TaskSchedule
from schedules.recurrence import EVERY
from tasks_api.database import database_now
from testing.clock import Clock, moved_clock

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
NewSchedule = Callable[..., TaskSchedule]


@pytest.fixture
def api() -> APIClient:
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
        return editing.create(forms.definition({"operation": "1+1", **rule, **body}))

    return create


@pytest.fixture
def clock(transactional_db: None) -> Iterator[Clock]:
    """The database's clock, at noon of a Friday to come, on a full second. It moves when a test moves it."""
    with moved_clock(NOON) as clock:
        yield clock


@pytest.fixture
def lie_idle(db: None) -> Callable[[TaskSchedule, float], datetime]:
    """Puts a schedule back in time, as if nobody had swept it for so many seconds. Returns its first instant."""

    def move(schedule: TaskSchedule, seconds: float) -> datetime:
        first = (database_now() - timedelta(seconds=seconds)).replace(microsecond=0)
        schedule.starts_at = schedule.next_run_at = schedule.sweep_at = first
        schedule.save()
        return first

    return move
