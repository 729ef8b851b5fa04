"""What a user says of a schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schedules.models import ScheduleStatus, TaskSchedule
from schedules.recurrence import RuleSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """The rule as written, and the value of every other column that a user decides."""

    spec: RuleSpec
    name: str | None
    operation: str
    arguments: Mapping[str, Any]
    priority: int
    timeout_seconds: float | None
    max_attempts: int | None
    tags: Sequence[str]
    schedule_x_times: int | None
    expires_after_seconds: float | None
    misfire_policy: str
    catchup_window_seconds: float | None
    overlap_policy: str
    jitter_seconds: float
    pause_after_failures: int | None

    def columns(self) -> dict[str, Any]:
        """All but the rule, by the names of their columns."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "spec"}

    def times_for(self, schedule: TaskSchedule) -> int | None:
        """At most so many tasks; None: no limit. Where nobody says, an instant of its own makes one more."""
        if self.schedule_x_times is not None or self.spec.run_at is None:
            return self.schedule_x_times
        if schedule.status == ScheduleStatus.COMPLETED and schedule.run_at == self.spec.run_at:
            return max(1, schedule.runs_created)  # it is made already
        return schedule.runs_created + 1
