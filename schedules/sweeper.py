"""One sweep: expand every schedule that is due, then keep waiting tasks moving. Any number may run at once."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from schedules import zone_data
from schedules.expansion import expand
from schedules.models import TaskSchedule
from schedules.retention import forget_old_occurrences
from schedules.waking import Waking
from tasks_api.database import database_now
from tasks_api.interval import Interval
from tasks_api.submission import message_of
from tasks_api.upkeep import Done, Upkeep

CHUNK = 500
FORGET_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did."""

    schedules: int
    created: int
    upkeep: Done


class Sweeper:
    """What a sweeping process keeps from one sweep to the next: connections, nothing of the truth."""

    def __init__(self) -> None:
        self._upkeep = Upkeep()
        self._waking = Waking()
        self._forget = Interval(FORGET_SECONDS)
        self._zones_are_current = False

    def sweep(self) -> Swept:
        """Deal with what is due now. What becomes due meanwhile, and the rest of a long catch-up, is for the next."""
        self._adopt_zone_data()
        self._waking.wake()
        began = database_now()
        schedules = created = 0
        while True:
            found, made = self._expand_some(began)
            schedules, created = schedules + found, created + made
            if found < CHUNK:
                break
        if self._forget.has_come():
            forget_old_occurrences()
        return Swept(schedules, created, self._upkeep.run())

    def _adopt_zone_data(self) -> None:
        """Before the first sweep: another release may be installed than the one that ran before."""
        if not self._zones_are_current:
            zone_data.adopt()
            self._zones_are_current = True

    def _expand_some(self, due_by: datetime) -> tuple[int, int]:
        """One transaction: how many schedules were due, how many tasks were made of them."""
        with transaction.atomic():
            due = list(
                TaskSchedule.objects.select_for_update(skip_locked=True)
                .filter(sweep_at__lte=due_by)
                .order_by("sweep_at")[:CHUNK]
            )
            tasks = expand(due, database_now()) if due else []
        if tasks:
            at_once = [task for task in tasks if task.run_at <= task.created_at]
            urgent_first = sorted(at_once, key=lambda task: (-task.priority, task.id))
            self._upkeep.publish([message_of(task) for task in urgent_first])
        return len(due), len(tasks)
