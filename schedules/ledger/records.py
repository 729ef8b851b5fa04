"""The ledger: what became of each instant. A run of instants with the same fate is one row, which keeps its rule.

Whoever writes here holds the lock of the schedule's row.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from schedules.models import TaskSchedule
from schedules.planning import IN_RANGES, WAITING, Decision, Entry, Outcome
from schedules.recurrence import RecurrenceError, Rule, RuleSpec
from tasks_api.database import execute, fetch_all
from tasks_api.ids import new_id

WAITING_VALUES = sorted(outcome.value for outcome in WAITING)


@dataclass(frozen=True, slots=True)
class Record:
    """A decision about a schedule's instants that is to be written, with the id of the task if it has one."""

    schedule: TaskSchedule
    decision: Decision
    task_id: UUID | None = None
    behind: datetime | None = None
    """The rule's instant before it: a range that ends there is lengthened, if it has the same fate."""


# Two indexes answer; an OR would make the planner choose one. OFFSET keeps it from a join with the whole ledger: the
# few rows that are ahead are far fewer than it expects.
KNOWN_SQL = """
SELECT schedule.id, ahead.*
  FROM task_schedule AS schedule
 CROSS JOIN LATERAL (
    SELECT scheduled_for, outcome, coalesce(due_at, scheduled_for), changes::text
      FROM occurrence WHERE schedule_id = schedule.id AND scheduled_for >= schedule.next_run_at OFFSET 0) AS ahead
 WHERE schedule.id = ANY(%(ids)s)
 UNION
SELECT schedule_id, scheduled_for, outcome, coalesce(due_at, scheduled_for), changes::text
  FROM occurrence WHERE schedule_id = ANY(%(ids)s) AND outcome = ANY(%(waiting)s)
"""


def known(ids: Sequence[UUID]) -> dict[UUID, dict[datetime, Entry]]:
    """The rows of schedules that are at or after `next_run_at`, or wait; by schedule and instant."""
    return entries_of(fetch_all(KNOWN_SQL, {"ids": list(ids), "waiting": WAITING_VALUES}))


def entries_of(rows: Iterable[Sequence[Any]]) -> dict[UUID, dict[datetime, Entry]]:
    """What KNOWN_SQL found."""
    found: dict[UUID, dict[datetime, Entry]] = defaultdict(dict)
    for schedule_id, scheduled_for, outcome, due_at, changes in rows:
        entry = Entry(scheduled_for, Outcome(outcome), due_at, changes and json.loads(changes))
        found[schedule_id][scheduled_for] = entry
    return found


_RECORDS = """jsonb_to_recordset(%(records)s) AS new(
       id uuid, schedule_id uuid, scheduled_for timestamptz, last_scheduled_for timestamptz, count int,
       outcome text, reason text, task_id uuid, rule jsonb, behind timestamptz)"""

INSERT_SQL = f"""
INSERT INTO occurrence (id, schedule_id, scheduled_for, last_scheduled_for, count, outcome, reason, task_id, rule)
SELECT id, schedule_id, scheduled_for, last_scheduled_for, count, outcome, reason, task_id, rule FROM {_RECORDS}
    ON CONFLICT (schedule_id, scheduled_for) DO NOTHING
RETURNING id::text
"""  # noqa: S608 (a constant)

DECIDE_SQL = f"""
UPDATE occurrence SET outcome = new.outcome, reason = new.reason, task_id = new.task_id
  FROM {_RECORDS}
 WHERE occurrence.schedule_id = new.schedule_id AND occurrence.scheduled_for = new.scheduled_for
   AND occurrence.outcome = ANY(%(waiting)s)
RETURNING new.id::text
"""  # noqa: S608 (a constant)

EXTEND_SQL = f"""
UPDATE occurrence SET last_scheduled_for = new.last_scheduled_for, count = occurrence.count + new.count
  FROM {_RECORDS}
 WHERE occurrence.id = (
    SELECT id FROM occurrence AS before
     WHERE before.schedule_id = new.schedule_id AND before.scheduled_for < new.scheduled_for
     ORDER BY before.scheduled_for DESC LIMIT 1)
   AND (occurrence.outcome, occurrence.reason, occurrence.rule) = (new.outcome, new.reason, new.rule)
   AND occurrence.last_scheduled_for = new.behind
RETURNING new.id::text
"""  # noqa: S608 (a constant)


def write(records: Sequence[Record]) -> list[Record]:
    """Write decisions; those that count. What a clock step or a restored backup repeats does not.

    A statement for each way to write, however many records there are.
    """
    by_id = {str(new_id()): record for record in records}
    waited = {key: record for key, record in by_id.items() if record.decision.entry}
    following = {key: record for key, record in by_id.items() if record.behind}
    written = _send(DECIDE_SQL, waited) | _send(EXTEND_SQL, following)
    rest = {key: r for key, r in by_id.items() if key not in waited and key not in written}
    written |= _send(INSERT_SQL, rest)
    return [record for key, record in by_id.items() if key in written]


def _send(sql: str, records: dict[str, Record]) -> set[str]:
    if not records:
        return set()
    rows = [_row(key, record) for key, record in records.items()]
    parameters = {"records": json.dumps(rows), "waiting": WAITING_VALUES}
    return {row[0] for row in fetch_all(sql, parameters)}


def _row(key: str, record: Record) -> dict[str, Any]:
    decision = record.decision
    in_range = decision.outcome in IN_RANGES and decision.entry is None
    return {
        "id": key,
        "schedule_id": str(record.schedule.id),
        "scheduled_for": decision.first.isoformat(),
        "last_scheduled_for": decision.last.isoformat(),
        "count": decision.count,
        "outcome": decision.outcome.value,
        "reason": decision.reason,
        "task_id": record.task_id and str(record.task_id),
        "rule": spec_as_json(record.schedule.spec) if in_range else None,
        "behind": record.behind and record.behind.isoformat(),
    }


def records_of(
    schedule: TaskSchedule, decisions: Iterable[Decision], rule: Rule | None = None
) -> list[Record]:
    """What is to be written of a plan, and which of it may lengthen the row before it: the earliest new one."""
    listed = list(decisions)
    new = [decision for decision in listed if decision.entry is None]
    first = min(new, key=lambda decision: decision.first, default=None)
    return [
        Record(
            schedule,
            decision,
            new_id() if decision.outcome is Outcome.CREATED else None,
            behind=_behind(rule, decision) if decision is first else None,
        )
        for decision in listed
    ]


def _behind(rule: Rule | None, decision: Decision) -> datetime | None:
    if rule is None or decision.outcome not in IN_RANGES:
        return None
    try:
        return rule.previous(decision.first)
    except RecurrenceError:  # so far back that the search is given up
        return None


def drop(schedule: TaskSchedule, instants: Sequence[datetime]) -> int:
    """Remove rows of instants that are not the rule's any more. How many."""
    return execute(
        "DELETE FROM occurrence WHERE schedule_id = %s AND scheduled_for = ANY(%s)",
        [schedule.id, list(instants)],
    )


_INSTANTS = ("run_at", "starts_at", "ends_at")


def spec_as_json(spec: RuleSpec) -> dict[str, Any]:
    """A rule as a row of the ledger keeps it: what is not null, instants as text."""
    fields = {name: getattr(spec, name) for name in RuleSpec.__slots__}
    fields |= {name: fields[name].isoformat() for name in _INSTANTS if fields[name]}
    return {name: value for name, value in fields.items() if value is not None}


def spec_from_json(fields: dict[str, Any]) -> RuleSpec:
    """The rule that `spec_as_json` kept."""
    instants = {name: datetime.fromisoformat(fields[name]) for name in _INSTANTS if fields.get(name)}
    return RuleSpec(**fields | instants)
