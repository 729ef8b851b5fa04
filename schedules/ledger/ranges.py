"""Range rows of the ledger: which instants they cover, and what is left of them when some are taken out."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from schedules import ledger
from schedules.models import Occurrence
from schedules.planning import JUST_AFTER
from schedules.planning.misfire import MOST_COUNTED
from schedules.recurrence import RecurrenceError, Rule, parse


def rule_of(row: Occurrence) -> Rule:
    """The rule that named the instants of a range. Raises RecurrenceError where it can be read no more."""
    return parse(ledger.spec_from_json(row.rule or {}))


def without(row: Occurrence, taken: Sequence[datetime]) -> list[Occurrence]:
    """The ranges that cover the rest of a range, on either side of each instant that gets a row of its own.

    `taken`: ascending, all within the range; those that its rule does not name only divide it. Raises
    RecurrenceError.
    """
    rule, start = rule_of(row), row.scheduled_for
    rest = []
    for cut in [*taken, row.last_scheduled_for + JUST_AFTER]:
        first = rule.next(start, inclusive=True)
        if first is not None and first < cut:
            rest.append(_piece(row, rule, first, cut))
        start = cut + JUST_AFTER
    return rest


def _piece(row: Occurrence, rule: Rule, first: datetime, end: datetime) -> Occurrence:
    return Occurrence(
        schedule_id=row.schedule_id,
        scheduled_for=first,
        last_scheduled_for=rule.previous(end) or first,
        count=rule.count(first, end, MOST_COUNTED),
        outcome=row.outcome,
        reason=row.reason,
        rule=row.rule,
    )


def instants(rule: Rule, start: datetime, end: datetime, *, backwards: bool = False) -> Iterator[datetime]:
    """The instants in [start, end), one at a time; `backwards`: the last one first.

    Where the search for the next one is given up, there is no more.
    """
    with suppress(RecurrenceError):
        yield from _descending(rule, start, end) if backwards else rule.between(start, end)


def _descending(rule: Rule, start: datetime, end: datetime) -> Iterator[datetime]:
    instant = rule.previous(end)
    while instant is not None and instant >= start:
        yield instant
        instant = rule.previous(instant)
