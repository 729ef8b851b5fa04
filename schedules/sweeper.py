"""One sweep: expand every schedule that is due, and keep waiting tasks moving. Any number may run at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from schedules import zone_data
from schedules.expansion import expand
from schedules.models import TaskSchedule
from schedules.retention import forget_old_occurrences
from schedules.waking import Waking
from tasks_api.database import fetch_one
from tasks_api.interval import Interval
from tasks_api.upkeep import Upkeep

CHUNK = 500
"""So many schedules that are on time, and so many that are behind, take a turn together."""
MOST_TURNS = 20
"""The beat calls for the next sweep within a second, so none need last long."""
BEHIND = timedelta(seconds=5)
"""A schedule that has been due for so long lets those go first that are on time."""
FORGET_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did, or a turn of it: how many schedules were due, how many tasks were made of them."""

    schedules: int = 0
    created: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(self.schedules + other.schedules, self.created + other.created)


class Look(NamedTuple):
    """The time by the database's clock, and whether there is anything to do for schedules then."""

    now: datetime
    is_any_due: bool
    is_any_queued: bool


# The orders are those of indexes. EXISTS could read the whole table where many were due when it was last analyzed.
LOOK_SQL = """
SELECT statement_timestamp(),
       (SELECT true FROM task_schedule WHERE sweep_at <= statement_timestamp() ORDER BY sweep_at LIMIT 1) IS NOT NULL,
       (SELECT true FROM occurrence WHERE outcome = 'queued' ORDER BY schedule_id LIMIT 1) IS NOT NULL
"""

# Two ranges of one index. Neither reads much of what is the other's, however many schedules are behind: those that had
# a turn are at its young end, those that wait for theirs at its old one.
DUE_SQL = """
WITH on_time AS (
    SELECT * FROM task_schedule
     WHERE sweep_at BETWEEN %(since)s AND %(now)s AND (status <> 'active' OR (next_run_at < %(since)s) IS NOT TRUE)
     ORDER BY sweep_at LIMIT %(chunk)s FOR UPDATE SKIP LOCKED),
behind AS (
    SELECT * FROM task_schedule
     WHERE sweep_at <= %(began)s AND (sweep_at < %(since)s OR (status = 'active' AND next_run_at < %(since)s))
     ORDER BY sweep_at LIMIT %(chunk)s FOR UPDATE SKIP LOCKED)
SELECT * FROM on_time UNION ALL SELECT * FROM behind
"""


class Sweeper:
    """What a sweeping process keeps from one sweep to the next: connections, nothing of the truth."""

    def __init__(self) -> None:
        self._upkeep = Upkeep()
        self._waking = Waking()
        self._forget = Interval(FORGET_SECONDS)
        self._zones_are_current = False

    def sweep(self) -> Swept:
        """Deal with what is due: turn by turn, each bounded, and in each those that are on time first.

        A schedule that is behind has one turn in a sweep; the rest of a long catch-up is for the next.
        """
        self._adopt_zone_data()
        swept, began = Swept(), None
        for _ in range(MOST_TURNS):
            look = _look()
            if self._waking.wake(queued=look.is_any_queued):
                look = _look()
            began = began or look.now
            turn = self._expand_some(look.now, began) if look.is_any_due else Swept()
            swept += turn
            if self._forget.has_come():
                forget_old_occurrences()
            self._upkeep.run()
            if turn.schedules < CHUNK:
                break
        return swept

    def _adopt_zone_data(self) -> None:
        """Before the first sweep: another release may be installed than the one that ran before."""
        if not self._zones_are_current:
            zone_data.adopt()
            self._zones_are_current = True

    def _expand_some(self, now: datetime, began: datetime) -> Swept:
        """One transaction, and then the messages of its tasks."""
        parameters = {"now": now, "since": now - BEHIND, "began": began, "chunk": CHUNK}
        with transaction.atomic():
            due = list(TaskSchedule.objects.raw(DUE_SQL, parameters))
            born = expand(due, now)
        if messages := born.messages():
            self._upkeep.publish(sorted(messages, key=lambda message: (-message.priority, message.task_id)))
        return Swept(len(due), len(born.tasks))


def _look() -> Look:
    row = fetch_one(LOOK_SQL, [])
    assert row is not None  # noqa: S101 (the statement always answers with one row)
    return Look(*row)
