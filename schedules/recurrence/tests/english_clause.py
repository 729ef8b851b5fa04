"""A clause of a description: its days, times and bounds, as the instants that it names."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from .english_dates import Days, Start
from .english_days import read_days
from .english_times import Times, read_times
from .english_words import CLOCK, DATE, WEEKDAY, Unclear, ordinal, second_of_day
from .english_words import date as read_date
from .english_words import items as read_items
from .oracle import as_chosen, instants_of, wall_at

DAY = timedelta(days=1)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
SECOND_OF_TWO = r"(?: \(the second of two\))?"
MOMENT = rf"{DATE}(?: at {CLOCK}{SECOND_OF_TWO})?"
ZONE = r"UTC|[A-Z][\w+-]*(?:/[\w+-]+)*"
GAPS = {
    "left out where the clocks skip a time": "skip",
    "as much later where the clocks skip a time": "shift",
    "right after the change where the clocks skip a time": "after",
}
FOLDS = {
    "the first time where the clocks repeat a time": "first",
    "the last time where the clocks repeat a time": "last",
    "both times where the clocks repeat a time": "both",
}
CHANGES = "|".join([*GAPS, *FOLDS])
TAIL = (
    r"(?P<main>.*?)"
    r"(?:, but only the (?P<only>.*?) time in each (?P<period>year|month|week|day|hour|minute|second))?"
    rf"(?:, weeks starting on (?P<wkst>{WEEKDAY}))?"
    rf"(?:, (?P<changes>(?:{CHANGES})(?: and (?:{CHANGES}))?))?"
    rf"(?:, (?P<opening>from|first on) (?P<start>{MOMENT}))?(?:, until (?P<end>{MOMENT}))?"
    r"(?:, (?P<count>only once|twice|[\d,]+ times))?"
)


@dataclass
class Reader:
    """What is known of all clauses of a sentence: the zone, and the start."""

    zone: ZoneInfo
    start: datetime | None  # naive, as told
    is_second: bool
    has_time: bool
    is_one: bool  # one clause alone, and nothing beside it

    def moment(self, text: str, *, last: bool = False) -> datetime:
        """The instant of a date and a time; of a date alone its first, or its `last`."""
        day, _, clock = text.partition(" at ")
        wall = read_date(day)
        if not clock:
            return self.begin(wall + DAY) - timedelta(seconds=1) if last else self.begin(wall)
        is_second = "(the second of two)" in clock
        wall += timedelta(seconds=second_of_day(clock.split(" ")[0]))
        found = instants_of(wall, self.zone)
        if is_second and len(found) < 2:
            raise Unclear(f"there are no two {text}")
        return found[-1 if is_second else 0] if found else as_chosen(wall, self.zone, "shift", "first")[0]

    def begin(self, wall: datetime) -> datetime:
        return as_chosen(wall, self.zone, "after", "first")[0]


class Clause:
    """Days and times, what restricts them, and their own bounds."""

    def __init__(self, text: str, reader: Reader, times: Times | None = None) -> None:
        match = re.fullmatch(TAIL, text)
        if not match:
            raise Unclear(text)
        self.reader, self.match = reader, match
        self.wkst = match["wkst"] or "Monday"
        start = Start(reader.start.date() if reader.start else None, self.wkst)
        self.days: Days
        try:
            self.times, days = read_times(match["main"])
            self.days = read_days(days, start)
        except Unclear:  # only an exception may leave out its times: those of the rule
            if times is None:
                raise
            self.times, self.days = times, read_days(match["main"], start)
        chosen = re.findall(CHANGES, match["changes"] or "")
        self.gap = next((GAPS[words] for words in chosen if words in GAPS), None)
        self.fold = next((FOLDS[words] for words in chosen if words in FOLDS), None)
        self.count = {None: None, "only once": 1, "twice": 2}.get(match["count"], 0)
        if self.count == 0:
            self.count = int(match["count"].removesuffix(" times").replace(",", ""))

    def instants(self, begin: datetime | None, low: datetime, high: datetime) -> list[datetime]:
        """Those in ``[low, high)``, none before `begin`; where they are counted, `low` must be no later than that."""
        first = max(low, begin) if begin else low
        if self.match["end"]:
            high = min(high, self.reader.moment(self.match["end"], last=True) + timedelta(seconds=1))
        if first >= high:
            return []
        found = {instant for wall in self._walls(first, high) for instant in self._resolved(wall)}
        if self.times.elapses:
            found = set(self._elapsed(first, high))
        if begin and self.match["opening"] == "first on":
            day = wall_at(begin, self.reader.zone).date()
            found = {begin} | {at for at in found if wall_at(at, self.reader.zone).date() != day}
        inside = sorted(instant for instant in found if first <= instant < high)
        return inside[: self.count]

    def _elapsed(self, low: datetime, high: datetime) -> Iterator[datetime]:
        if self.match["only"]:
            raise Unclear(f"of one time in each {self.match['period']}, which are left?")
        begin, step = self._begin(), timedelta(seconds=self.times.step)
        at = begin + max(0, -((begin - low) // step) - 1) * step
        while at < high:
            if self.days(wall_at(at, self.reader.zone).date()):
                yield at
            at += step

    def _begin(self) -> datetime:
        if self.reader.start is None or not self.reader.has_time:
            raise Unclear("counted from no time")
        found = instants_of(self.reader.start, self.reader.zone)
        return found[-1 if self.reader.is_second else 0]

    def _resolved(self, wall: datetime) -> list[datetime]:
        zone = self.reader.zone
        offset = steady_offset(zone, wall.date())
        if offset is not None:
            return [wall.replace(tzinfo=UTC) - offset]
        found = instants_of(wall, zone)
        if len(found) == 1:
            return found
        if not found and self.gap is None and not self.times.is_rate:
            raise Unclear(f"{wall} does not exist")
        gap, fold = self.gap or "skip", self.fold or ("both" if self.times.is_rate else "first")
        return as_chosen(wall, zone, gap, fold)

    def _walls(self, low: datetime, high: datetime) -> list[datetime]:
        margin = self._margin(low, high)
        first, last = wall_at(low, self.reader.zone) - margin, wall_at(high, self.reader.zone) + margin
        if not self.match["only"]:
            return list(self._all(first, last))
        wanted = [ordinal(item) for item in read_items(self.match["only"])]
        walls = list(self._all(self._period(first), self._period(last, 1) - timedelta(seconds=1)))
        periods: dict[datetime, list[datetime]] = {}
        for wall in walls:
            periods.setdefault(self._period(wall), []).append(wall)
        return [
            wall
            for group in periods.values()
            for n, wall in enumerate(group)
            if n + 1 in wanted or n - len(group) in wanted
        ]

    def _margin(self, low: datetime, high: datetime) -> timedelta:
        """How far wall times may be from instants: nothing where the clocks do not change."""
        if high - low < 10 * DAY:
            days = [low + n * DAY for n in range(-2, (high - low).days + 4)]
            if len({day.astimezone(self.reader.zone).utcoffset() for day in days}) == 1:
                return timedelta()
        return timedelta(hours=26 if self.reader.zone.key == "Pacific/Apia" else 3)

    def _period(self, wall: datetime, number: int = 0) -> datetime:
        """The beginning of the period around a wall time, or of the one after it."""
        day = datetime.combine(wall.date(), time())
        match self.match["period"]:
            case "year":
                return day.replace(year=day.year + number, month=1, day=1)
            case "month":
                return (day.replace(day=1) + number * 31 * DAY).replace(day=1)
            case "week":
                weeks = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
                return day - ((day.weekday() - weeks.index(self.wkst)) % 7) * DAY + number * 7 * DAY
            case "day":
                return day + number * DAY
            case "hour":
                return wall.replace(minute=0, second=0) + number * timedelta(hours=1)
            case "minute":
                return wall.replace(second=0) + number * timedelta(minutes=1)
        return wall + number * timedelta(seconds=1)

    def _all(self, low: datetime, high: datetime) -> Iterator[datetime]:
        times = self.times
        if times.elapses:
            return
        if times.step and (self.reader.start is None or not self.reader.has_time):
            raise Unclear("counted from no time")
        shift = self._shift()
        day = low.date()
        while day <= high.date():
            if self.days(day) and times.step and self.reader.start:
                midnight = datetime.combine(day, time())
                last = min(high, midnight + DAY - timedelta(seconds=1))
                yield from times.counted(self.reader.start, max(low, midnight), last)
            elif self.days(day):
                midnight = datetime.combine(day, time()) + timedelta(seconds=shift)
                begin = bisect_left(times.seconds, (low - midnight).total_seconds())
                end = bisect_right(times.seconds, (high - midnight).total_seconds())
                yield from (midnight + timedelta(seconds=second) for second in times.seconds[begin:end])
            day += DAY

    def _shift(self) -> int:
        """`every 15 minutes` from 09:05 on: alone in its sentence, it goes on from there."""
        reader = self.reader
        if not (self.times.is_loose and reader.is_one and reader.has_time and reader.start):
            return 0
        return (reader.start.minute * 60 + reader.start.second) % self.times.unit


@cache
def steady_offset(zone: ZoneInfo, day: date) -> timedelta | None:
    """That of all days around a day; None if the clocks change."""
    moments = [datetime.combine(day, time(), tzinfo=UTC) + n * DAY for n in range(-2, 4)]
    offsets = {moment.astimezone(zone).utcoffset() for moment in moments}
    return offsets.pop() if len(offsets) == 1 else None
