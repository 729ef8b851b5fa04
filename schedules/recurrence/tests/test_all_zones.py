"""Every clock change of every IANA zone from 2000 to 2040, met by daily, hourly and cron rules."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from schedules.recurrence import Rule, RuleSpec, parse
from schedules.recurrence.searching import REGULAR
from schedules.recurrence.seconds import CYCLE
from schedules.recurrence.zone_names import zone_names

from .oracle import package_zone

DAY, HOUR, MINUTE = 86_400, 3_600, 60
START = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
END = int(datetime(2041, 1, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class Change:
    """A clock change: at an instant, from one offset to another."""

    at: int
    before: int
    after: int

    @property
    def middle(self) -> int:
        """A wall time, on a whole minute, in the middle of what is skipped or repeated."""
        low, high = sorted((self.at + self.before, self.at + self.after))
        return (low + high) // 2 // MINUTE * MINUTE

    def offset(self, instant: int) -> int:
        return self.before if instant < self.at else self.after

    def instants(self, wall: int) -> list[int]:
        """The instants at which the clock shows a wall time around the change."""
        tried = {wall - self.before, wall - self.after}
        return sorted(instant for instant in tried if instant + self.offset(instant) == wall)


def zones() -> dict[tuple[Change, ...], str]:
    """The clock changes that there are, each with one of the zones that share them."""
    return {tuple(changes(name)): name for name in unlike_zones()}


def unlike_zones() -> Iterable[str]:
    """One of the zones that share the same data."""
    folder = resources.files("tzdata") / "zoneinfo"
    return {folder.joinpath(*name.split("/")).read_bytes(): name for name in sorted(zone_names())}.values()


def changes(name: str, start: int = START, end: int = END) -> Iterator[Change]:
    """Found by looking every fifth day, then halving."""
    zone = package_zone(name)
    probes = range(start, end, 5 * DAY)
    for (low, high), (before, after) in zip(
        pairwise(probes), pairwise([offset(zone, probe) for probe in probes]), strict=True
    ):
        if before != after:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
            yield Change(high, before, after)


def offset(zone: ZoneInfo, instant: int) -> int:
    found = datetime.fromtimestamp(instant, zone).utcoffset()
    assert found is not None
    return int(found.total_seconds())


def test_every_change_of_every_zone() -> None:
    met = 0
    for found, name in zones().items():
        for change in found:
            met += 1
            for kind in (daily, hourly, fixed_cron, starred_cron):
                kind(name, change)
    assert met > 3_000


def daily(name: str, change: Change) -> None:
    assert_daily(change, rule_at(name, change.middle % DAY, "rrule"), lambda wall: wall - change.before)


def fixed_cron(name: str, change: Change) -> None:
    assert_daily(change, rule_at(name, change.middle % DAY, "cron"), lambda _: change.at)


def assert_daily(change: Change, rule: Rule, moved: Callable[[int], int]) -> None:
    """The first instant of each day's time, or where it moved, while the change skips or repeats something."""
    reach = change.after - change.before
    low, high = min(change.at, change.at + reach), change.at + abs(reach)
    walls = (change.middle + days * DAY for days in (-1, 0, 1))
    expected = {(change.instants(wall) or [moved(wall)])[0] for wall in walls}
    found = [int(at.timestamp()) for at in rule.between(moment(low), moment(high))]
    assert found == sorted(at for at in expected if low <= at < high), (rule.zone, change)


def hourly(name: str, change: Change) -> None:
    assert_every_real_hour(change, rule_at(name, 0, "hourly"))


def starred_cron(name: str, change: Change) -> None:
    assert_every_real_hour(change, rule_at(name, 0, "starred"))


def assert_every_real_hour(change: Change, rule: Rule) -> None:
    """The minute hand stands on the hour."""
    low, high = change.at - 3 * HOUR, change.at + 3 * HOUR
    expected = [*full_hours(low, change.at, change.before), *full_hours(change.at, high, change.after)]
    found = rule.between(moment(low), moment(high))
    assert [int(at.timestamp()) for at in found] == expected, (rule.zone, change)


def full_hours(low: int, high: int, offset: int) -> range:
    return range(low + -(low + offset) % HOUR, high, HOUR)


@lru_cache(maxsize=64)
def rule_at(name: str, second: int, kind: str) -> Rule:
    hour, minute = second // HOUR, second % HOUR // MINUTE
    texts = {
        "rrule": {"rrule": f"DTSTART;TZID={name}:19991201T{hour:02}{minute:02}00\nRRULE:FREQ=DAILY"},
        "hourly": {"rrule": f"DTSTART;TZID={name}:19991201T000000\nRRULE:FREQ=HOURLY"},
        "cron": {"cron": f"{minute} {hour} * * *", "timezone": name},
        "starred": {"cron": "0 * * * *", "timezone": name},
    }
    return parse(RuleSpec(**texts[kind]))  # type: ignore[arg-type] # keys vary


def moment(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)


def test_late_clock_changes_come_again_after_a_cycle_of_the_calendar() -> None:
    """What counts beyond 400 years rests on it."""
    for name in unlike_zones():
        for years in (0, 7 * 365 * DAY):
            start = REGULAR + years
            once = list(changes(name, start, start + 800 * DAY))
            again = changes(name, start + CYCLE, start + CYCLE + 800 * DAY)
            assert [replace(change, at=change.at - CYCLE) for change in again] == once, name


@pytest.mark.parametrize("name", ["Asia/Tehran", "Africa/Casablanca"])
def test_there_are_no_changes_where_law_abolished_them_and_some_around_ramadan(name: str) -> None:
    years = [moment(change.at).year for change in changes(name)]
    assert (max(years) == 2022) if name == "Asia/Tehran" else (years.count(2025) >= 2)
