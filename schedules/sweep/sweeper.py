"""One sweep: expand every schedule that is due, and keep waiting tasks moving. Any number may run at once."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from log_lines import event
from schedules.actions.bulk import KINDS
from schedules.expansion.expanding import plan_each, write
from schedules.expansion.isolation import expand_chosen, set_aside
from schedules.forecasting.turns import take_turn
from schedules.ledger.retention import forget_old_occurrences
from schedules.models import TaskSchedule
from schedules.sweep import zone_data
from schedules.sweep.waking import Waking
from tasks_api.bulk_actions.carrying_out import carry_out, forget_old_bulk_actions
from tasks_api.database import fetch_all, fetch_one
from tasks_api.isolation.duties import Duty
from tasks_api.isolation.interval import Interval
from tasks_api.isolation.refusals import apart, concerns_all, reason
from tasks_api.postgres import is_stopped
from tasks_api.submission import Born, joined
from tasks_api.upkeep import Upkeep

CHUNK = 500
"""So many schedules that are on time, and so many that are behind, take a turn together."""
MOST_TURNS = 20
"""The beat calls for the next sweep within a second, so none need last long."""
BEHIND = timedelta(seconds=5)
"""A schedule that has been due for so long lets those go first that are on time."""
FORGET_SECONDS = 60.0
ADOPT_SECONDS = 60.0
"""Until adopting time zone data is tried again, where it failed."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did, or a turn of it: how many schedules were due, how many tasks were made of them."""

    schedules: int = 0
    created: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(self.schedules + other.schedules, self.created + other.created)


class Look(NamedTuple):
    """The time by the database's clock, and whether there is anything to do for schedules, or their forecast, then."""

    now: datetime
    is_any_due: bool
    is_any_queued: bool
    is_any_bulk_action: bool
    is_forecast_due: bool


# The orders are those of indexes. EXISTS could read the whole table where many were due when it was last analyzed.
LOOK_SQL = """
SELECT statement_timestamp(),
       (SELECT true FROM task_schedule WHERE sweep_at <= statement_timestamp() ORDER BY sweep_at LIMIT 1) IS NOT NULL,
       (SELECT true FROM occurrence WHERE outcome = 'queued' ORDER BY schedule_id LIMIT 1) IS NOT NULL,
       (SELECT true FROM bulk_action WHERE turn_at <= statement_timestamp() ORDER BY turn_at LIMIT 1) IS NOT NULL,
       (SELECT true FROM forecast_progress WHERE turn_at <= statement_timestamp() ORDER BY turn_at LIMIT 1) IS NOT NULL
"""

# Two ranges of one index. Neither reads much of what is the other's, however many schedules are behind: those that had
# a turn are at its young end, those that wait for theirs at its old one.
_DUE = """
WITH on_time AS (
    SELECT * FROM task_schedule
     WHERE sweep_at BETWEEN %(since)s AND %(now)s AND (status <> 'active' OR (next_run_at < %(since)s) IS NOT TRUE)
       AND id <> ALL(%(left_out)s::uuid[])
     ORDER BY sweep_at LIMIT %(chunk)s FOR UPDATE SKIP LOCKED),
behind AS (
    SELECT * FROM task_schedule
     WHERE sweep_at <= %(began)s AND (sweep_at < %(since)s OR (status = 'active' AND next_run_at < %(since)s))
       AND id <> ALL(%(left_out)s::uuid[])
     ORDER BY sweep_at LIMIT %(chunk)s FOR UPDATE SKIP LOCKED)
"""
DUE_SQL = f"{_DUE} SELECT * FROM on_time UNION ALL SELECT * FROM behind"  # noqa: S608 (a constant)
DUE_IDS_SQL = f"{_DUE} SELECT id FROM on_time UNION ALL SELECT id FROM behind"  # noqa: S608 (a constant)


class Sweeper:
    """What a sweeping process keeps from one sweep to the next: connections, and what fails; nothing of the truth."""

    def __init__(self) -> None:
        self._upkeep = Upkeep()
        self._waking = Waking()
        self._forget = Interval(FORGET_SECONDS)
        self._adopt = Interval(ADOPT_SECONDS)
        self._zones_are_current = False
        self._adopting = Duty("adopting time zone data")
        self._wake_up = Duty("waking schedules")
        self._expanding = Duty("expanding schedules")
        self._forgetting = Duty("deleting old occurrences")
        self._carrying_out = Duty("carrying out bulk actions")
        self._forgetting_bulk_actions = Duty("deleting old bulk actions")
        self._is_any_bulk_action = False
        self._forecasting = Duty("counting what is expected")
        self._is_forecast_due = False
        self.told_failure: str | None = None
        """What readiness was told last of `failure`."""

    def sweep(self) -> Swept:
        """Deal with what is due: turn by turn, each bounded, and in each those that are on time first.

        A schedule that is behind has one turn in a sweep; the rest of a long catch-up is for the next. Whatever fails
        of a sweep fails alone. Raises what the database raises when it is away.
        """
        self._adopt_zone_data()
        swept = Swept()
        began: datetime | None = None
        for _ in range(MOST_TURNS):
            turn, began = self._expanding.run(partial(self._expand_due, began), (Swept(), began))
            swept += turn
            if self._forget.has_come():
                self._forgetting.run(partial(forget_old_occurrences, self._forgetting), 0)
                self._forgetting_bulk_actions.run(forget_old_bulk_actions, 0)
            self._upkeep.run()
            if turn.schedules < CHUNK:
                break
        if self._is_any_bulk_action:
            self._carrying_out.run(partial(carry_out, KINDS), 0)
        if self._is_forecast_due:
            self._forecasting.run(take_turn, 0)
        return swept

    @property
    def failure(self) -> str | None:
        """What fails, in words that anybody may read; None: nothing does."""
        duties = (
            self._adopting,
            self._wake_up,
            self._expanding,
            self._forgetting,
            self._carrying_out,
            self._forgetting_bulk_actions,
            self._forecasting,
        )
        failures = [duty.failure for duty in duties if duty.failure]
        return "; ".join([*failures, *self._upkeep.failures]) or None

    def _adopt_zone_data(self) -> None:
        """Before the first sweep: another release may be installed than the one that ran before."""
        if not self._zones_are_current and self._adopt.has_come():
            self._zones_are_current = self._adopting.run(_adopted, False)

    def _expand_due(self, began: datetime | None) -> tuple[Swept, datetime | None]:
        """One turn, of a sweep that `began` at a time; None: now."""
        look = _look()
        if self._wake_up.run(partial(self._waking.wake, self._wake_up, queued=look.is_any_queued), 0):
            look = _look()
        self._is_any_bulk_action = look.is_any_bulk_action
        self._is_forecast_due = look.is_forecast_due
        began = began or look.now
        return self._expand_some(look.now, began) if look.is_any_due else Swept(), began

    def _expand_some(self, now: datetime, began: datetime) -> Swept:
        """Look, plan and write in one transaction, and then publish the messages of its tasks."""
        left_out = self._expanding.left_out()
        parameters = {"now": now, "since": now - BEHIND, "began": began, "chunk": CHUNK, "left_out": left_out}
        try:
            with transaction.atomic():
                due = list(TaskSchedule.objects.raw(DUE_SQL, parameters))
                born = write(plan_each(due, now))
        except Exception as error:
            if concerns_all(error):
                raise
            logger.warning(
                "what is due is expanded part by part: %s", reason(error), extra=event("sweep.divided")
            )
            return self._expand_apart(parameters)
        self._publish(born)
        return Swept(len(due), len(born.tasks))

    def _expand_apart(self, parameters: dict[str, Any]) -> Swept:
        """A transaction for each part, so that one schedule costs itself alone. None is read but by its id."""
        now = parameters["now"]
        due = [row[0] for row in fetch_all(DUE_IDS_SQL, parameters)]
        born = joined(apart(lambda ids: expand_chosen(ids, now), due, partial(self._set_aside, now)))
        self._publish(born)
        return Swept(len(due), len(born.tasks))

    def _set_aside(self, now: datetime, schedule_id: UUID, error: Exception) -> None:
        """One that cannot even be set aside is left out for a while."""
        if is_stopped(error):
            self._expanding.refuse(schedule_id, error)
            return
        try:
            set_aside(schedule_id, error, now)
        except Exception as second:
            if concerns_all(second):
                raise
            self._expanding.refuse(schedule_id, second)

    def _publish(self, born: Born) -> None:
        if messages := born.messages():
            self._upkeep.publish(sorted(messages, key=lambda message: (-message.priority, message.task_id)))


def _adopted() -> bool:
    zone_data.adopt()
    return True


def _look() -> Look:
    row = fetch_one(LOOK_SQL, [])
    assert row is not None  # noqa: S101 (the statement always answers with one row)
    return Look(*row)
