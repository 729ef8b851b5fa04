"""Random sets of RRULE, EXRULE, RDATE and EXDATE lines against the slow reading of the RFC."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schedules.recurrence import RecurrenceError, RuleSpec, parse

from .oracle import DAY, UNIT, SlowRule, as_chosen, first_moment
from .test_oracle import RULES, SEED, WINDOW_DAYS, clock_changes, random_rule

COARSE = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY"]
FINE = ["HOURLY", "MINUTELY", "SECONDLY"]


class SlowSet:
    """RRULEs less EXRULEs, with times added and taken away, all from one DTSTART."""

    def __init__(self, dice: random.Random, freqs: list[str]) -> None:
        self.first = random_rule(dice, dice.choice(freqs))
        self.dice = dice
        self.rules = [self.first, *(self.another(freqs) for _ in range(dice.choice([0, 0, 1, 2])))]
        self.excluded = [self.another(freqs) for _ in range(dice.choice([0, 0, 1]))]
        self.added = self.walls(freqs)
        self.removed = self.walls(freqs)
        self.removed_days = {wall.date() for wall in self.walls(freqs)}

    def another(self, freqs: list[str]) -> SlowRule:
        """A rule on the same ground, which may end."""
        first = self.first
        other = random_rule(self.dice, self.dice.choice(freqs))
        other = replace(other, start=first.start, zone=first.zone, gap=first.gap, fold=first.fold, _units={})
        if self.dice.random() < 0.3:
            other.count = self.dice.choice([1, 2, 5, 70, 100])
        elif self.dice.random() < 0.3:
            length = DAY * WINDOW_DAYS[other.freq] * self.dice.random()
            other.until = first.start.replace(tzinfo=UTC) + length
        return other

    def walls(self, freqs: list[str]) -> list[datetime]:
        days = WINDOW_DAYS[freqs[-1]]
        ahead = [self.dice.randint(0, int(days * 86_400)) for _ in range(self.dice.choice([0, 0, 3]))]
        return [self.first.start + timedelta(seconds=seconds // 900 * 900) for seconds in ahead]

    @property
    def text(self) -> str:
        lines = [self.first.dtstart, *(f"RRULE:{rule.value}" for rule in self.rules)]
        lines += [f"EXRULE:{rule.value}" for rule in self.excluded]
        lines += [f"RDATE:{wall:%Y%m%dT%H%M%S}" for wall in self.added]
        lines += [f"EXDATE:{wall:%Y%m%dT%H%M%S}" for wall in self.removed]
        lines += [f"EXDATE;VALUE=DATE:{day:%Y%m%d}" for day in self.removed_days]
        return "\n".join(lines)

    def instants(self, low: datetime, high: datetime) -> list[datetime]:
        first = self.first
        begin = max(low, first_moment(first.start, first.zone, first.gap, first.fold))
        found = {instant for rule in self.rules for instant in rule.instants(low, high)} | self.read(
            self.added
        )
        found -= {instant for rule in self.excluded for instant in rule.instants(low, high)}
        found -= self.read(self.removed)
        return sorted(
            instant
            for instant in found
            if begin <= instant < high and instant.astimezone(first.zone).date() not in self.removed_days
        )

    def read(self, walls: list[datetime]) -> set[datetime]:
        gap = "shift" if self.first.gap == "auto" else self.first.gap
        fold = "first" if self.first.fold == "auto" else self.first.fold
        return {at for wall in walls for at in as_chosen(wall, self.first.zone, gap, fold)}


@pytest.mark.parametrize("freqs", [COARSE, FINE], ids=["coarse", "fine"])
def test_random_sets_are_as_the_rfc_says(freqs: list[str]) -> None:
    dice = random.Random(f"{SEED}{freqs}")  # noqa: S311 - no secret
    for _ in range(RULES):
        slow = SlowSet(dice, freqs)
        by_seconds = any(rule.walks_by_seconds for rule in [*slow.rules, *slow.excluded] if rule.freq in UNIT)
        length = DAY * WINDOW_DAYS["SECONDLY" if by_seconds else freqs[-1]]
        low = slow.first.start.replace(tzinfo=UTC) - timedelta(hours=15)
        low = dice.choice([low, next(clock_changes(slow.first.zone, low), low) - length / 2])
        situation = (
            f"RECURRENCE_SEED={SEED} {slow.text!r} gap {slow.first.gap} fold {slow.first.fold} from {low}"
        )
        high = min(low, slow.first.start.replace(tzinfo=UTC)) + DAY + length
        if by_seconds or freqs is FINE:
            low, high = high - DAY - length, high - DAY + timedelta(hours=4)
        assert_equal(slow, low, high, situation)


def assert_equal(slow: SlowSet, low: datetime, high: datetime, situation: str) -> None:
    try:
        rule = parse(RuleSpec(rrule=slow.text, dst_gap=slow.first.gap, dst_fold=slow.first.fold))
    except RecurrenceError as error:
        if error.code not in ("never_matches", "too_sparse") and "use UNTIL" not in error.detail:
            raise
        return
    expected = slow.instants(low, high)
    assert list(rule.between(low, high)) == expected, situation
    assert rule.count(low, high, 10**9) == len(expected), situation
    if expected:
        assert rule.previous(high) == expected[-1], situation
