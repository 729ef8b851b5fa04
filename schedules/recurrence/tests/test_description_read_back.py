"""Random rules against their own descriptions: the sentence, read by other code, names the instants of the rule.

RECURRENCE_SEED draws others, RECURRENCE_RULES more.
"""

import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from schedules.recurrence import RecurrenceError, Rule, RuleSpec, describe, parse
from schedules.recurrence.seconds import to_datetime

from .english import Sentence
from .english_words import Unclear
from .oracle import DAY, FREQUENCIES, package_zone
from .test_oracle import SEED, ZONES, clock_changes, random_rule, some
from .test_oracle_sets import COARSE, FINE, SlowSet

RULES = int(os.environ.get("RECURRENCE_RULES") or 160)
MOST_DAYS, MOST_DAYS_OF_FINE = 2_000, 40
MOST_INSTANTS = 40
GAPS, FOLDS = ["auto", "skip", "shift", "after"], ["auto", "first", "last", "both"]

Dice = random.Random


def of_freq(freq: str) -> Callable[[Dice], RuleSpec]:
    def random_spec(dice: Dice) -> RuleSpec:
        slow = random_rule(dice, freq)
        slow.start = slow.start.replace(year=max(slow.start.year, 1976))
        if dice.random() < 0.4:
            slow = replace(slow, by=dict(dice.sample(list(slow.by.items()), min(len(slow.by), 1))), byday=[])
        if dice.random() < 0.25:
            slow.count = dice.choice([1, 2, 3, 10])
        elif dice.random() < 0.3:
            slow.until = slow.start.replace(tzinfo=UTC) + dice.random() * 400 * DAY
            slow.until = slow.until.replace(microsecond=0)
        ends = slow.start.replace(tzinfo=UTC) + dice.random() * 900 * DAY if dice.random() < 0.2 else None
        chosen: dict[str, Any] = {"dst_gap": slow.gap, "dst_fold": slow.fold}
        if dice.random() < 0.5:
            return RuleSpec(rrule=slow.text, ends_at=ends, **chosen)
        starts = slow.start.replace(tzinfo=UTC)
        if dice.random() < 0.2:
            starts = next(clock_changes(slow.zone, starts), starts) + timedelta(minutes=dice.randint(0, 150))
        return RuleSpec(rrule=slow.value, timezone=slow.zone.key, starts_at=starts, ends_at=ends, **chosen)

    return random_spec


def of_set(freqs: list[str]) -> Callable[[Dice], RuleSpec]:
    def random_spec(dice: Dice) -> RuleSpec:
        slow = SlowSet(dice, freqs)
        if slow.first.start.year < 1975:
            return random_spec(dice)
        return RuleSpec(rrule=slow.text, dst_gap=slow.first.gap, dst_fold=slow.first.fold)

    return random_spec


def cron(dice: Dice) -> RuleSpec:
    """As people write them."""
    minute = dice.choice(["0", "30", "*", "*/5", "*/15", "0,30", "5-59/10", "7", str(dice.randrange(60))])
    hour = dice.choice(["*", "9", "2", "0", "9-17", "*/2", "0-23", "8,12,18", "*/6", "22-23"])
    days = dice.choice(["*", "*", "1", "15", "31", "30", "29", "1,15", "L", "1-7", "1-31", "*/2", "LW", "13"])
    months = dice.choice(["*", "*", "*", "1", "2", "2,3", "1-6", "*/3", "4,6,9,11"])
    weekdays = dice.choice(["*", "*", "1-5", "0", "5", "0-6", "1,3", "6,0", "5#2", "5L", "5#5", "*/2"])
    return bounded(dice, f"{minute} {hour} {days} {months} {weekdays}")


def wild_cron(dice: Dice) -> RuleSpec:
    fields = [
        field(dice, 0, 59),
        field(dice, 0, 23),
        field(dice, 1, 31, ["L", "LW", "29-31"]),
        field(dice, 1, 12),
        field(dice, 0, 7, ["1#1", "5L", "3#5", "0-6"]),
    ]
    return bounded(dice, " ".join(fields))


def field(dice: Dice, low: int, high: int, special: list[str] | None = None) -> str:
    if dice.random() < 0.3:
        return dice.choice(["*", "*", f"*/{dice.randint(1, high)}"])
    found = [str(number) for number in some(dice, range(low, high + 1), 6)]
    if dice.random() < 0.4:
        first = dice.randint(low, high)
        found.append(f"{first}-{dice.randint(first, high)}/{dice.choice([1, 1, 2, 3])}")
    if special and dice.random() < 0.3:
        found.append(dice.choice(special))
    return ",".join(found)


def bounded(dice: Dice, text: str) -> RuleSpec:
    starts = moment(dice) if dice.random() < 0.7 else None
    ends = (starts or moment(dice, 2025)) + dice.random() * 900 * DAY if dice.random() < 0.3 else None
    return RuleSpec(cron=text, timezone=dice.choice(ZONES), starts_at=starts, ends_at=ends, **choices(dice))


def choices(dice: Dice) -> dict[str, Any]:
    if dice.random() < 0.7:
        return {}
    return {"dst_gap": dice.choice(GAPS), "dst_fold": dice.choice(FOLDS)}


def moment(dice: Dice, first_year: int = 1975) -> datetime:
    found = datetime(dice.randint(first_year, 2095), dice.randint(1, 12), dice.randint(1, 28), tzinfo=UTC)
    return found + timedelta(seconds=dice.choice([0, 9000, dice.randrange(86_400)]))


def every(dice: Dice) -> RuleSpec:
    given: dict[str, Any] = {
        "every_x_days": dice.choice([1, 1, 2, 7, 30, dice.randint(1, 40)]),
        "every_x_hours": dice.choice([1, 1, 2, 12, 36, dice.randint(1, 100)]),
        "every_x_minutes": dice.choice([1, 5, 15, 20, 45, 60, 90, dice.randint(1, 200)]),
        "every_x_seconds": dice.choice([1, 10, 30, 90, 600, 1_200, dice.randint(1, 10_000)]),
    }
    given = dict(dice.sample(list(given.items()), dice.choice([1, 1, 1, 2, 2, 3, 4])))
    zone = dice.choice(ZONES)
    starts = moment(dice)
    if dice.random() < 0.3:
        starts = next(clock_changes(package_zone(zone), starts), starts) + timedelta(
            minutes=dice.randint(0, 150)
        )
    ends = starts + dice.random() * 900 * DAY if dice.random() < 0.3 else None
    return RuleSpec(timezone=zone, starts_at=starts, ends_at=ends, **given, **choices(dice))


def single_dates(dice: Dice) -> RuleSpec:
    zone, first = dice.choice(ZONES), moment(dice)
    if dice.random() < 0.3:
        first = next(clock_changes(package_zone(zone), first), first) + timedelta(
            minutes=dice.randint(0, 150)
        )
    if dice.random() < 0.4:
        return RuleSpec(run_at=first, timezone=zone)
    moments = [
        first + timedelta(seconds=dice.choice([0, 86_400, 3600, dice.randrange(10**7)])) for _ in range(4)
    ]
    names = dice.choice([["RDATE"] * 4, ["RDATE", "RDATE", "RDATE", "EXDATE"]])
    lines = [f"{name}:{at:%Y%m%dT%H%M%SZ}" for name, at in zip(names, moments, strict=True)]
    return RuleSpec(rrule="\n".join(lines), timezone=zone, starts_at=first, **choices(dice))


KINDS: dict[str, Callable[[Dice], RuleSpec]] = {
    **{freq: of_freq(freq) for freq in FREQUENCIES},
    "coarse sets": of_set(COARSE),
    "fine sets": of_set(FINE),
    "cron": cron,
    "wild cron": wild_cron,
    "every": every,
    "single dates": single_dates,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_description_says_what_the_rule_does(kind: str) -> None:
    dice = random.Random(f"{SEED}{kind}")  # noqa: S311 - no secret
    read = sum(matches_description(dice, KINDS[kind](dice)) for _ in range(RULES))
    assert read > RULES * 0.4, "most random rules should be accepted"


def matches_description(dice: Dice, spec: RuleSpec) -> bool:
    """Whether the rule was accepted; fails when its description says anything else than the rule does."""
    try:
        rule = parse(spec)
        low, high = window(dice, spec, rule)
        expected = list(rule.between(low, high))
        text = describe(spec)
    except RecurrenceError:
        return False
    situation = f"RECURRENCE_SEED={SEED} {text!r} {spec} from {low} to {high}"
    try:
        found = Sentence(text).instants(low, high)
    except Unclear as unclear:
        raise AssertionError(f"{unclear}: {situation}") from unclear
    assert found == expected, situation
    return True


def window(dice: Dice, spec: RuleSpec, rule: Rule) -> tuple[datetime, datetime]:
    """Where to compare: from before the start, or somewhere later, often just before the clocks change."""
    counts = "COUNT" in (spec.rrule or "")
    begin = rule.first if spec.starts_at or spec.rrule else None
    begin = begin or spec.run_at or moment(dice, 2025)  # nobody is told of clock changes that were before
    low = (to_datetime(rule.starts) if counts else begin) - DAY
    if not counts and spec.run_at is None and dice.random() < 0.6:
        low = begin + dice.randint(0, 1_500) * DAY
        if dice.random() < 0.7:
            low = next(clock_changes(rule.zone, low), low)
            low -= timedelta(seconds=dice.choice([20, 1_800, 5_400, 90_000]))
    low = low.replace(microsecond=0)
    high = low + (MOST_DAYS_OF_FINE if any(freq in (spec.rrule or "") for freq in FINE) else MOST_DAYS) * DAY
    found = list(islice(rule.between(low, high), MOST_INSTANTS))
    if len(found) == MOST_INSTANTS:
        return low, found[-1] + timedelta(seconds=1)
    if counts and found:  # some more would follow, if COUNT did not end it
        return low, min(high, found[-1] + (found[-1] - found[0]) + timedelta(minutes=2))
    return low, high


@pytest.mark.parametrize(
    "sentence",
    [
        "On the 31st of every month at 09:00 UTC",
        "On the 30th of February and March at 09:00 UTC",
        "Every year on 29 February at 09:00 UTC",
        "On the fifth Friday of every month at 09:00 UTC",
        "On the 366th day of every year at 09:00 UTC",
        "Every Monday in week 53 of the year at 09:00 UTC",
        "Every day at 02:30 Europe/Berlin",  # on some days there is no such time
        "Every 7 minutes by the clock",  # counted from when?
        "Every so often",
    ],
)
def test_the_reader_refuses_what_is_not_so_or_not_clear(sentence: str) -> None:
    with pytest.raises(Unclear):
        Sentence(sentence).instants(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("cron", "sentence"),
    [
        ("0 9 1-31 * 1-5", "Every weekday at 09:00 UTC"),
        ("*/10 * * * *", "Every 10 minutes between 00:00 and 23:30 UTC"),
        ("0 9 * * 5#2", "On the first Friday of every month at 09:00 UTC"),
    ],
)
def test_the_reader_tells_a_wrong_sentence(cron: str, sentence: str) -> None:
    low, high = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    rule = RuleSpec(cron=cron)
    assert Sentence(describe(rule)).instants(low, high) == list(parse(rule).between(low, high))
    assert Sentence(sentence).instants(low, high) != list(parse(rule).between(low, high))
