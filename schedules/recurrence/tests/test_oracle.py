"""Random rules against the slow reading of the RFC. RECURRENCE_SEED draws others, RECURRENCE_RULES more."""

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from schedules.recurrence import RecurrenceError, Rule, RuleSpec, parse

from .oracle import DAY, FREQUENCIES, UNIT, WEEKDAYS, SlowRule, after_gap, instants_of, package_zone

HOUR = timedelta(hours=1)
SEED = int(os.environ.get("RECURRENCE_SEED") or 2026)
RULES = int(os.environ.get("RECURRENCE_RULES") or 15)
ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Havana",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Africa/Casablanca",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Pacific/Apia",
]
WINDOW_DAYS = {
    "YEARLY": 2_000,
    "MONTHLY": 700,
    "WEEKLY": 700,
    "DAILY": 300,
    "HOURLY": 12,
    "MINUTELY": 3,
    "SECONDLY": 0.25,
}


@pytest.mark.parametrize("freq", FREQUENCIES)
def test_random_rules_are_as_the_rfc_says(freq: str) -> None:
    dice = random.Random(f"{SEED}{freq}")  # noqa: S311 - no secret
    for _ in range(RULES):
        slow = random_rule(dice, freq)
        length = DAY * WINDOW_DAYS["SECONDLY" if slow.walks_by_seconds and freq in UNIT else freq]
        low = window_start(dice, slow, length)
        high = low + length
        expected = slow.instants(low, high)
        situation = f"RECURRENCE_SEED={SEED} {slow.text!r} gap {slow.gap} fold {slow.fold} from {low}"
        assert found_by_engine(slow, low, high) == expected, situation


def found_by_engine(slow: SlowRule, low: datetime, high: datetime) -> list[datetime]:
    try:
        rule = parse(RuleSpec(rrule=slow.text, dst_gap=slow.gap, dst_fold=slow.fold))
    except RecurrenceError as error:
        if error.code != "never_matches":
            raise
        return []
    found = list(rule.between(low, high))
    assert_previous_mirrors_next(rule, found[:20])
    assert rule.count(low, high, 10**9) == len(found)
    return found


def assert_previous_mirrors_next(rule: Rule, found: list[datetime]) -> None:
    for one, other in pairwise(found):
        assert rule.next(one) == other
        assert rule.previous(other) == one
        assert rule.previous(other, inclusive=True) == other


def random_rule(dice: random.Random, freq: str) -> SlowRule:
    start = datetime(dice.randint(1970, 2095), dice.randint(1, 12), dice.randint(1, 28))  # noqa: DTZ001
    start += timedelta(days=dice.randint(0, 3), seconds=dice.choice([0, 9000, dice.randrange(86_400)]))
    slow = SlowRule(freq, start, package_zone(dice.choice(ZONES)))
    slow.interval = dice.choice([1, 1, 1, 2, 3, 4, 5, 7, 11, 90])
    slow.wkst = dice.choice(WEEKDAYS)
    slow.by = dict(random_parts(dice, freq))
    if dice.random() < 0.35:
        slow.byday = [random_weekday(dice, slow) for _ in range(dice.randint(1, 4))]
    if dice.random() < 0.3 and (slow.by or slow.byday):
        slow.by["BYSETPOS"] = some(dice, [-3, -2, -1, 1, 2, 3, 5], 2)
    if dice.random() < 0.4:
        slow.gap = dice.choice(["auto", "skip", "shift", "after"])
        slow.fold = dice.choice(["auto", "first", "last", "both"])
    return slow


def random_parts(dice: random.Random, freq: str) -> Iterator[tuple[str, list[int]]]:
    fine = FREQUENCIES.index(freq)
    if dice.random() < 0.25:
        yield "BYMONTH", some(dice, range(1, 13), 5)
    if dice.random() < 0.25 and freq == "YEARLY":
        yield "BYWEEKNO", some(dice, [-53, -52, -51, -1, 1, 2, 51, 52, 53, *range(1, 54)], 8)
    if dice.random() < 0.25 and freq != "WEEKLY":
        yield "BYMONTHDAY", some(dice, [*range(-31, 0), *range(1, 32)], 8)
    if dice.random() < 0.2 and (fine == 0 or fine > 3):
        yield "BYYEARDAY", some(dice, [-366, -365, -1, 1, 60, 365, 366, *range(80, 300, 3)], 30)
    for name, values, often in (("BYHOUR", 24, 0.3), ("BYMINUTE", 60, 0.3), ("BYSECOND", 60, 0.2)):
        if dice.random() < often:
            yield name, some(dice, [0, 1, 2, 3, *range(values)], 3 if fine < 4 else 20)


def random_weekday(dice: random.Random, slow: SlowRule) -> str:
    in_year = slow.freq == "YEARLY" and "BYMONTH" not in slow.by
    numbered = slow.freq in ("YEARLY", "MONTHLY") and "BYWEEKNO" not in slow.by
    number = dice.choice([1, 2, 5, -1, -2, -5, *([20, 53, -53] if in_year else [])])
    return (str(number) if numbered and dice.random() < 0.6 else "") + dice.choice(WEEKDAYS)


def some(dice: random.Random, values: range | list[int], most: int) -> list[int]:
    return sorted({dice.choice(values) for _ in range(dice.randint(1, most))})


def window_start(dice: random.Random, slow: SlowRule, length: timedelta) -> datetime:
    """Somewhere after DTSTART, often just before the clock changes, where the fine rules are judged."""
    later = slow.start.replace(tzinfo=UTC) + DAY * dice.choice([-1, 0, dice.randint(0, 3_000)])
    if slow.freq in UNIT and dice.random() < 0.7:
        later = next(clock_changes(slow.zone, later), later) - length / 2
    return later.replace(microsecond=0)


def clock_changes(zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """The last whole hours before a clock change in the 400 days after a moment."""
    days = [after.replace(minute=0, second=0) + n * DAY for n in range(400)]
    for day in days:
        if offset_changes(zone, day, DAY):
            hours = (day + n * HOUR for n in range(24))
            yield next(hour for hour in hours if offset_changes(zone, hour, HOUR))


def offset_changes(zone: ZoneInfo, instant: datetime, within: timedelta) -> bool:
    return instant.astimezone(zone).utcoffset() != (instant + within).astimezone(zone).utcoffset()


@pytest.mark.parametrize("fixed", [True, False])
def test_random_cron_is_as_debian_says(fixed: bool) -> None:
    dice = random.Random(f"{SEED}{fixed}")  # noqa: S311 - no secret
    for _ in range(RULES * 2):
        zone = package_zone(dice.choice(ZONES))
        minutes, hours = some(dice, range(60), 3), some(dice, [0, 1, 2, 3, *range(24)], 6)
        weekdays = some(dice, range(7), 4)
        written = ",".join(map(str, minutes)) if fixed else "*"
        text = f"{written} {','.join(map(str, hours))} * * {','.join(map(str, weekdays))}"
        anywhere = datetime(dice.randint(1970, 2098), dice.randint(1, 12), dice.randint(1, 28), tzinfo=UTC)
        low = next(clock_changes(zone, anywhere), anywhere) - 2 * DAY
        walls = cron_walls(minutes if fixed else list(range(60)), hours, weekdays, low, low + 4 * DAY)
        if fixed:
            expected = {after_gap(wall, zone) for wall in walls}
        else:
            expected = {instant for wall in walls for instant in instants_of(wall, zone)}
        expected = {instant for instant in expected if low <= instant < low + 4 * DAY}
        rule = parse(RuleSpec(cron=text, timezone=zone.key))
        found = list(rule.between(low, low + 4 * DAY))
        assert found == sorted(expected), f"RECURRENCE_SEED={SEED} {text!r} {zone} {low}"


def cron_walls(
    minutes: list[int], hours: list[int], weekdays: list[int], low: datetime, high: datetime
) -> Iterator[datetime]:
    wall = low.replace(tzinfo=None) - 2 * DAY
    while wall < high.replace(tzinfo=None) + 2 * DAY:
        if wall.minute in minutes and wall.hour in hours and wall.isoweekday() % 7 in weekdays:
            yield wall
        wall += timedelta(minutes=1)
