"""The roll-up of a period, added up by its parts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tasks_api.database import fetch_all, fetch_one
from tasks_api.roll_up.buckets import BUCKETS, Durations
from tasks_api.roll_up.periods import EPOCH, Period
from tasks_api.roll_up.thinning import MEASURES, summed

OUTCOMES = ("success", "failure", "cancelled", "expired")
NOTHING = Durations((0,) * BUCKETS, 0.0)


@dataclass(frozen=True, slots=True)
class Ended:
    """How many tasks ended by outcome, and by measure how long they took."""

    counts: Mapping[str, int]
    measures: Mapping[str, Durations]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def failure_ratio(self) -> float | None:
        """Failures among those that succeeded or failed; None where there are none."""
        judged = self.counts.get("success", 0) + self.counts.get("failure", 0)
        return self.counts.get("failure", 0) / judged if judged else None


@dataclass(frozen=True, slots=True)
class Reach:
    """What time it is, up to where whole minutes are rolled up, and before when there are hours only."""

    now: datetime
    rolled_to: datetime | None
    hours_to: datetime | None


REACH_SQL = """
SELECT statement_timestamp(), rolled_to, hours_to
  FROM (SELECT) AS one LEFT JOIN roll_up_progress ON id = 1"""
TOTALS_SQL = f"""
SELECT date_bin(%(step)s, minute, %(epoch)s), outcome, sum(count)::bigint,
       {", ".join(f"sum({name}_seconds), {summed(name)}" for name in MEASURES)}
  FROM roll_up
 WHERE project_id = %(project)s AND minute >= %(start)s AND minute < %(end)s
       AND (%(operation)s::text IS NULL OR operation = %(operation)s)
 GROUP BY 1, 2
"""  # noqa: S608 (constants)

RUNNING_SQL = """
SELECT operation, sum(running_seconds), sum((SELECT sum(each) FROM unnest(running_counts) AS each))::bigint
  FROM roll_up WHERE project_id = %(project)s AND minute >= %(since)s
 GROUP BY operation
"""


def reach() -> Reach:
    """How far the roll-up reaches now."""
    row = fetch_one(REACH_SQL, [])
    assert row is not None  # noqa: S101 (the statement always answers with one row)
    return Reach(*row)


def ended_in(period: Period, project_id: int, operation: str | None = None) -> Mapping[datetime, Ended]:
    """What ended in each part of a period, of a project and perhaps of one operation. Parts may be missing."""
    parameters = {
        "step": period.step,
        "epoch": EPOCH,
        "project": project_id,
        "start": period.start,
        "end": period.end,
        "operation": operation,
    }
    parts: dict[datetime, list[Ended]] = {}
    for at, outcome, count, *measured in fetch_all(TOTALS_SQL, parameters):
        pairs = zip(measured[::2], measured[1::2], strict=True)
        durations = [Durations(counts, seconds) for seconds, counts in pairs]
        parts.setdefault(at, []).append(Ended({outcome: count}, dict(zip(MEASURES, durations, strict=True))))
    return {at: together(found) for at, found in parts.items()}


def running_means(project_id: int, since: datetime) -> Mapping[str, float]:
    """By operation, how many seconds its tasks ran on average that ended since; without those of which none did."""
    rows = fetch_all(RUNNING_SQL, {"project": project_id, "since": since})
    return {operation: seconds / count for operation, seconds, count in rows if count}


def together(parts: Iterable[Ended]) -> Ended:
    """All of them as one."""
    found = list(parts)
    counts = sum((Counter(part.counts) for part in found), Counter[str]())
    measures = {name: _added(part.measures[name] for part in found) for name in MEASURES}
    return Ended({outcome: counts[outcome] for outcome in OUTCOMES}, measures)


def _added(several: Iterable[Durations]) -> Durations:
    found = [NOTHING, *several]
    counts = [sum(column) for column in zip(*(each.counts for each in found), strict=True)]
    return Durations(counts, sum(each.seconds for each in found))
