"""Which exceptions of an rrule take nothing away: its description does not tell them, and its user is warned."""

from contextlib import suppress
from dataclasses import replace

from .budget import Budget, OutOfBudget
from .instants import Combinable, Listed
from .rrule import Ground, removed_ranges
from .rrule_parts import Parts
from .rrule_text import Placed, RecurrenceText
from .seconds import CYCLE
from .sets import Combined
from .warnings import about_exceptions

_STEPS = 1_500
"""For all EXRULEs of a rule together: some milliseconds."""
_STEPS_OF_DATES = 5_000
"""For all EXDATEs of a rule together, as long."""


def idle_exceptions(text: RecurrenceText, source: Combined, ground: Ground) -> frozenset[Placed | Parts]:
    """The EXDATEs and EXRULEs that certainly meet nothing which an RRULE names. Warns of those that meet no RDATE
    either, and of those that meet nothing as far as it looked.
    """
    rules_alone, dates_alone = replace(source, added=Listed(())), replace(source, sources=())
    budget = Budget(_STEPS_OF_DATES)
    unmet = [placed for placed in text.removed if not _hits(placed, rules_alone, ground, budget)]
    walls = [placed[0].wall for placed in unmet if not _hits(placed, dates_alone, ground, budget)]
    idle = set[Placed | Parts](unmet)
    budget, missing = Budget(_STEPS), 0
    for parts, rule in zip(text.excluded, source.excluded, strict=True):
        hits = _rule_hits(rule, rules_alone, ground, budget)
        missing += not (hits or _meets_added(rule, source, budget))
        if hits is False:
            idle.add(parts)
    for warning in about_exceptions(walls, missing):
        ground.warn(warning)
    return frozenset(idle)


def _meets_added(rule: Combinable, source: Combined, budget: Budget) -> bool:
    with suppress(OutOfBudget):
        return any(rule.first(at, at + 1, budget) is not None for at in source.added.instants)
    return False


def _hits(placed: Placed, source: Combined, ground: Ground, budget: Budget) -> bool:
    """Whether an EXDATE meets a member; True, too, where nobody looks any more."""
    for low, high in removed_ranges((placed,), ground):
        low, high = max(low, ground.start), min(high, ground.end + 1)
        try:
            budget.spend(len(source.sources))
            if low < high and source.first_named(low, high, budget) is not None:
                return True
        except OutOfBudget:
            return True
    return False


def _rule_hits(rule: Combinable, source: Combined, ground: Ground, budget: Budget) -> bool | None:
    """Whether an EXRULE meets a member; None if it does not as far as the budget reaches.

    Each goes on to where the other is, at most through the whole cycle of the calendar.
    """
    at, end = ground.start, min(ground.end + 1, ground.start + CYCLE)
    with suppress(OutOfBudget):
        while (one := source.first_named(at, end, budget)) is not None:
            other = rule.first(one, end, budget)
            if other is None:
                return False
            if one == other:
                return True
            budget.spend()
            at = other
        return False
    return None
