"""The health strip: how the service is, in one line on every page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from access.actor import Actor
from access.known import Remembered
from tasks_api.database import fetch_all
from tasks_api.health.readiness import health
from tasks_api.lifecycle import WAITING, Status
from tasks_api.models import SERVICE_ROLES
from tasks_api.roll_up.present import MOST_COUNTED, Counted, counts, oldest_due
from tasks_api.transitions import NODE_LEASE_SECONDS

LATE_SECONDS = 30
"""A task that has been due for longer is told as a problem."""


class Crew(NamedTuple):
    """The processes of one role that are alive: how many, how long the one that was silent for longest is, slots."""

    alive: int = 0
    age_seconds: float | None = None
    slots: int = 0
    is_failing: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """What is known. `problems` is how many of its parts are not well."""

    crews: Mapping[str, Crew]
    now: datetime
    oldest: datetime | None
    waiting: Counted
    running: Counted
    failed: Counted
    has_tasks: bool
    has_success: bool
    broker: str
    """Why the broker is away; empty: it is there."""

    @property
    def oldest_seconds(self) -> float | None:
        """How long the oldest task is due that has not started; None: none is."""
        return None if self.oldest is None else max(0.0, (self.now - self.oldest).total_seconds())

    @property
    def is_late(self) -> bool:
        """Whether something is due for too long."""
        return (self.oldest_seconds or 0.0) > LATE_SECONDS

    @property
    def problems(self) -> int:
        """How many parts want somebody."""
        crews = sum(not crew.alive or crew.is_failing for crew in self.crews.values())
        return crews + bool(self.broker) + self.is_late


# Failures along their index, and no further than is counted.
FACTS_SQL = f"""
SELECT statement_timestamp(), (SELECT count(*) FROM (
       SELECT FROM task WHERE project_id = %(project)s AND status = 'FAILURE' AND fingerprint IS NOT NULL
          AND finished_at > statement_timestamp() - interval '1 day'
        ORDER BY finished_at DESC LIMIT {MOST_COUNTED + 1}) AS failed), crew.*
  FROM (SELECT) AS always LEFT JOIN (
       SELECT role, count(*), extract(epoch FROM statement_timestamp() - min(beat_at))::float8,
              coalesce(sum(slots), 0)::int, bool_or(failing_since IS NOT NULL)
         FROM worker_node
        WHERE stopped_at IS NULL AND beat_at > statement_timestamp() - make_interval(secs => %(lease)s)
        GROUP BY role) AS crew ON true"""  # noqa: S608 (a constant)

_strips: Remembered[Strip] = Remembered()


def strip_of(actor: Actor) -> Strip:
    """How the service is for whoever looks from this project. Each process remembers it for two seconds."""
    return _strips.get(actor.project_id, lambda: _look(actor.project_id))


def forget() -> None:
    """Look anew the next time."""
    _strips.forget()


def _look(project_id: int) -> Strip:
    rows = fetch_all(FACTS_SQL, {"project": project_id, "lease": NODE_LEASE_SECONDS})
    now, failed, *_ = rows[0]
    crews = {role: Crew(*crew) for _, _, role, *crew in rows}
    counted = counts(project_id)
    waits = [counted[status.value] for status in WAITING]
    return Strip(
        crews={role.value: crews.get(role, Crew()) for role in SERVICE_ROLES},
        now=now,
        oldest=oldest_due(project_id),
        waiting=Counted(sum(each.count for each in waits), all(each.exact for each in waits)),
        running=counted[Status.STARTED.value],
        failed=Counted(min(failed, MOST_COUNTED), failed <= MOST_COUNTED),
        has_tasks=any(each.count for each in counted.values()),
        has_success=bool(counted[Status.SUCCESS.value].count),
        broker=health.broker_away(),
    )
