"""The ledger as a yardstick: does it cover every instant of a schedule, each of them once?"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from schedules import ledger
from schedules.models import Occurrence, TaskSchedule
from schedules.planning import JUST_AFTER
from schedules.recurrence import RuleSpec, parse

Era = tuple[RuleSpec, datetime, datetime]


@dataclass(frozen=True)
class CoveredInstant:
    """One instant that the ledger covers, and what it says of it."""

    at: datetime
    outcome: str


def covered_instants(schedule_id: UUID) -> list[CoveredInstant]:
    """Every instant that the ledger of a schedule covers, in order; what must hold for each row, holds."""
    rows = list(Occurrence.objects.filter(schedule_id=schedule_id).order_by("scheduled_for"))
    for one, other in pairwise(rows):
        assert one.last_scheduled_for < other.scheduled_for, f"{_text(one)} reaches into {_text(other)}"
    return [CoveredInstant(at, row.outcome) for row in rows for at in _instants(row)]


def assert_covers(schedule_id: UUID, eras: Sequence[Era], *, besides: Collection[datetime] = ()) -> None:
    """Every instant since `ledger_from` that a rule had while it was in force is in the ledger once, and no other.

    `eras`: this rule was in force for instants in [start, end). `besides`: instants that a backfill took from a
    later rule. What lies after the last era is not looked at.
    """
    start = TaskSchedule.objects.get(id=schedule_id).ledger_from
    end = max(era_end for _, _, era_end in eras)
    by_rule = {at for spec, first, last in eras for at in parse(spec).between(max(first, start), last)}
    expected = sorted(by_rule | {at for at in besides if start <= at < end})
    covered = [one.at for one in covered_instants(schedule_id) if start <= one.at < end]
    missing, surplus = sorted(set(expected) - set(covered)), sorted(set(covered) - set(expected))
    assert not missing, f"{len(missing)} are not covered, the first {missing[:3]}"
    assert not surplus, f"{len(surplus)} are covered and were in no rule, the first {surplus[:3]}"
    assert len(covered) == len(expected), "some are covered twice"


def _instants(row: Occurrence) -> Iterator[datetime]:
    """The instants of a row: of a range, those that its rule names, as many as it says."""
    if row.count == 1:
        assert row.scheduled_for == row.last_scheduled_for, _text(row)
        yield row.scheduled_for
        return
    rule = parse(ledger.spec_from_json(row.rule or {}))
    found = list(rule.between(row.scheduled_for, row.last_scheduled_for + JUST_AFTER))
    assert len(found) == row.count, f"{_text(row)} covers {len(found)}"
    assert (found[0], found[-1]) == (row.scheduled_for, row.last_scheduled_for), _text(row)
    yield from found


def _text(row: Occurrence) -> str:
    return f"{row.outcome} {row.scheduled_for:%FT%TZ} to {row.last_scheduled_for:%FT%TZ} ({row.count})"
