"""A schedule of a list, with all that is told of it beside its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schedules.api.representation import represent_all
from schedules.models import TaskSchedule
from schedules.shown.listing import is_late
from schedules.shown.marks import Strip, strips


@dataclass(frozen=True, slots=True)
class ShownSchedule:
    """`told`: the body that the API answers; `next_local`: the next run by the clock on the wall there."""

    schedule: TaskSchedule
    told: dict[str, Any]
    strip: Strip
    is_late: bool

    @property
    def next_at(self) -> datetime | None:
        """The next instant that is to become a task."""
        upcoming = self.told["upcoming"]
        return datetime.fromisoformat(upcoming[0]["at"]) if upcoming else None

    @property
    def next_local(self) -> datetime | None:
        """The same, in the zone of the schedule."""
        upcoming = self.told["upcoming"]
        return datetime.fromisoformat(upcoming[0]["local"]) if upcoming else None


def shown(schedules: Sequence[TaskSchedule], now: datetime) -> list[ShownSchedule]:
    """Schedules, with two statements, however many they are."""
    marks = strips([schedule.id for schedule in schedules], now)
    return [
        ShownSchedule(schedule, told, marks.get(schedule.id, Strip()), is_late(schedule, now))
        for schedule, told in zip(schedules, represent_all(schedules), strict=True)
    ]
