"""Before anything about a schedule changes: take its row, and deal with what is due as it stands."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from schedules.expansion.expanding import pause_of
from schedules.expansion.isolation import expand_apart
from schedules.models import ScheduleStatus, TaskSchedule
from schedules.planning import JUST_AFTER
from tasks_api.database import database_now
from tasks_api.submission import announce

Versions = Collection[int] | None
"""The versions that a request is meant for; None: any."""

MOST_SETTLED = 10_000
"""About so many occurrences that are still due are settled at once."""


class VersionMismatch(Exception):
    """The schedule is at another version than the request is meant for."""

    def __init__(self, version: int) -> None:
        super().__init__(f'somebody changed this schedule first: it is at version "v{version}"')


class StillCatchingUp(Exception):
    """So many occurrences are due that they cannot be settled first."""

    def __str__(self) -> str:
        return "so many of its occurrences are still due that they must be swept first; try again soon"


class WrongScheduleStatus(Exception):
    """The schedule has a status in which this cannot be done; `rule` says when it could."""

    def __init__(self, status: str, rule: str) -> None:
        state = "was set aside with an error" if status == ScheduleStatus.ERROR else f"is {status}"
        super().__init__(f"the schedule {state}: {rule}")


@contextmanager
def held(schedule_id: UUID, project_id: int, versions: Versions = None) -> Iterator[TaskSchedule]:
    """A transaction in which nobody else changes this schedule of a project.

    Raises TaskSchedule.DoesNotExist, VersionMismatch.
    """
    with transaction.atomic():
        schedule = TaskSchedule.objects.select_for_update().get(id=schedule_id, project_id=project_id)
        refuse_other_version(schedule, versions)
        yield schedule


def refuse_other_version(schedule: TaskSchedule, versions: Versions) -> None:
    """Raises VersionMismatch."""
    if versions is not None and schedule.version not in versions:
        raise VersionMismatch(schedule.version)


class Settled(NamedTuple):
    """Up to when what is due is dealt with, and whether that is all; False: a very long catch-up goes on."""

    until: datetime
    is_all: bool


def settle(schedule: TaskSchedule) -> Settled:
    """Deal with everything that is due under the rule and the policies as they stand. The row is locked.

    Of a pause, or of a suspension with an error, nothing is written before it ends.
    """
    # The last time it only looks.
    for _ in range(0, MOST_SETTLED + settings.CATCHUP_BATCH, settings.CATCHUP_BATCH):
        now = database_now()
        if schedule.sweep_at is None or schedule.sweep_at > now:
            return Settled(now, is_all=True)
        announce(expand_apart([schedule], now))
        schedule.refresh_from_db()
    return Settled(database_now(), is_all=False)


def settle_all(schedules: Sequence[TaskSchedule]) -> list[TaskSchedule]:
    """The same for many at once, within reason. The schedules, as they are then."""
    settled = {schedule.id: schedule for schedule in schedules}
    made = 0
    for _ in range(0, MOST_SETTLED, settings.CATCHUP_BATCH):
        now = database_now()
        due = [each for each in settled.values() if each.sweep_at is not None and each.sweep_at <= now]
        if not due or made >= MOST_SETTLED:
            break
        born = expand_apart(due, now)
        announce(born)
        made += len(born.tasks)
        settled |= TaskSchedule.objects.in_bulk([schedule.id for schedule in due])
    return list(settled.values())


def close_suspension(schedule: TaskSchedule, now: datetime) -> None:
    """Write down what became of the instants up to `now` in which the schedule did not run, whatever its status."""
    if schedule.status != ScheduleStatus.ACTIVE:
        expand_apart([schedule], now, {schedule.id: pause_of(schedule, now + JUST_AFTER, goes_on=True)})
        schedule.refresh_from_db()
