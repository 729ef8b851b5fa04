"""RFC 5545 read slowly: every day, hour, minute or second is walked and asked whether it belongs.

Written from the text of the RFC and from our own rules on clock changes, sharing no code with the engine.
It is meant to be obviously right, and is hopelessly slow.
"""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
DAY = timedelta(days=1)


@cache
def package_zone(name: str) -> ZoneInfo:
    """A zone from the tzdata package: the machine's own may foresee other clock changes."""
    with (resources.files("tzdata") / "zoneinfo" / name).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


UNIT = {"HOURLY": timedelta(hours=1), "MINUTELY": timedelta(minutes=1), "SECONDLY": timedelta(seconds=1)}


@dataclass
class SlowRule:
    """An RRULE; ``by`` holds lists of numbers, and of texts like ``-1SU`` for BYDAY."""

    freq: str
    start: datetime  # naive
    zone: ZoneInfo
    interval: int = 1
    wkst: str = "MO"
    by: dict[str, list[int]] = field(default_factory=dict)
    byday: list[str] = field(default_factory=list)
    gap: str = "auto"
    fold: str = "auto"
    count: int | None = None
    until: datetime | None = None  # aware
    _units: dict[datetime, list[datetime]] = field(default_factory=dict, repr=False)

    @property
    def dtstart(self) -> str:
        return f"DTSTART;TZID={self.zone.key}:{self.start:%Y%m%dT%H%M%S}"

    @property
    def value(self) -> str:
        parts = [f"FREQ={self.freq}", f"INTERVAL={self.interval}", f"WKST={self.wkst}"]
        parts += [f"{name}={','.join(map(str, values))}" for name, values in self.by.items()]
        parts += [f"BYDAY={','.join(self.byday)}"] if self.byday else []
        parts += [f"COUNT={self.count}"] if self.count else []
        parts += [f"UNTIL={self.until:%Y%m%dT%H%M%SZ}"] if self.until else []
        return ";".join(parts)

    @property
    def text(self) -> str:
        return f"{self.dtstart}\nRRULE:{self.value}"

    def instants(self, low: datetime, high: datetime) -> list[datetime]:
        """The instants in ``[low, high)``, both aware in UTC, not before DTSTART, up to COUNT or UNTIL."""
        begin = first_moment(self.start, self.zone, self.gap, self.fold)
        found = self._endless(begin if self.count else max(low, begin), high)
        if self.until:
            found = [instant for instant in found if instant <= self.until]
        return [instant for instant in found[: self.count] if instant >= low]

    def _endless(self, low: datetime, high: datetime) -> list[datetime]:
        if self.freq not in UNIT:
            found = self._read(self._walls(*around(low, high, 3 * DAY)))
        elif self.gap == self.fold == "auto":
            found = self._instants_of_walk(low, high)
        else:
            margin = timedelta(hours=25 if self.zone.key == "Pacific/Apia" else 3)
            walls = around(wall_at(low, self.zone), wall_at(high, self.zone), margin)
            found = self._read(self._walls_of_walk(*walls))
        return sorted(instant for instant in found if low <= instant < high)

    def _read(self, walls: Iterable[datetime]) -> set[datetime]:
        auto = ("skip", "both") if self.freq in UNIT else ("shift", "first")
        gap = auto[0] if self.gap == "auto" else self.gap
        fold = auto[1] if self.fold == "auto" else self.fold
        return {instant for wall in walls for instant in as_chosen(wall, self.zone, gap, fold)}

    def _instants_of_walk(self, low: datetime, high: datetime) -> set[datetime]:
        """HOURLY and finer: an instant belongs if what the clock shows then belongs."""
        return {instant for instant in self._walk(low, high) if self._is_picked(wall_at(instant, self.zone))}

    def _walls_of_walk(self, low: datetime, high: datetime) -> Iterator[datetime]:
        return (wall for wall in self._walk(low, high) if self._is_picked(wall))

    def _walk(self, low: datetime, high: datetime) -> Iterator[datetime]:
        moment, step = low, timedelta(seconds=1)
        if not self.walks_by_seconds:
            moment, step = low.replace(second=self.start.second), timedelta(minutes=1)
        while moment < high:
            if moment >= low:
                yield moment
            moment += step

    def _is_picked(self, wall: datetime) -> bool:
        return self._belongs(wall) and (not self._positions or wall in self._picked(self._unit_of(wall)))

    @property
    def walks_by_seconds(self) -> bool:
        """Else only DTSTART's second of each minute can belong, offsets being whole minutes since 1972."""
        return self.freq == "SECONDLY" or "BYSECOND" in self.by

    def _walls(self, low: datetime, high: datetime) -> Iterator[datetime]:
        """DAILY and coarser: the wall times of all periods that touch a window."""
        day = low.date()
        while day <= high.date():
            period = self._period(day)
            yield from self._picked([wall for d in period for wall in self._on(d)])
            day = period[-1] + DAY

    def _period(self, day: date) -> list[date]:
        if self.freq == "YEARLY":
            return [day.replace(month=1, day=1) + n * DAY for n in range(365 + calendar.isleap(day.year))]
        if self.freq == "MONTHLY":
            return [day.replace(day=n + 1) for n in range(calendar.monthrange(day.year, day.month)[1])]
        if self.freq == "WEEKLY":
            return [self._week(day) + n * DAY for n in range(7)]
        return [day]

    def _week(self, day: date) -> date:
        while WEEKDAYS[day.weekday()] != self.wkst:
            day -= DAY
        return day

    def _on(self, day: date) -> list[datetime]:
        if not (self._day_in_phase(day) and self._day_belongs(day)):
            return []
        hours = sorted(self.by.get("BYHOUR", [self.start.hour]))
        minutes = sorted(self.by.get("BYMINUTE", [self.start.minute]))
        seconds = sorted(self.by.get("BYSECOND", [self.start.second]))
        return [datetime.combine(day, time(h, m, s)) for h in hours for m in minutes for s in seconds]

    @property
    def _positions(self) -> list[int]:
        return self.by.get("BYSETPOS", [])

    def _picked(self, walls: list[datetime]) -> list[datetime]:
        if not self._positions:
            return walls
        walls = sorted(walls)
        numbered = [(n + 1, n - len(walls), wall) for n, wall in enumerate(walls)]
        return [w for first, last, w in numbered if first in self._positions or last in self._positions]

    def _unit_of(self, wall: datetime) -> list[datetime]:
        """The set of the hour, minute or second around a wall time."""
        begin = truncated(wall, self.freq)
        if begin not in self._units:
            moments = [begin + timedelta(seconds=n) for n in range(int(UNIT[self.freq].total_seconds()))]
            self._units[begin] = [moment for moment in moments if self._belongs(moment)]
        return self._units[begin]

    def _belongs(self, wall: datetime) -> bool:
        """For HOURLY and finer: all parts but BYSETPOS."""
        minute = self.by.get("BYMINUTE", [self.start.minute] if self.freq == "HOURLY" else None)
        second = self.by.get("BYSECOND", [self.start.second] if self.freq != "SECONDLY" else None)
        return (
            (second is None or wall.second in second)
            and (minute is None or wall.minute in minute)
            and wall.hour in self.by.get("BYHOUR", [wall.hour])
            and (truncated(wall, self.freq) - truncated(self.start, self.freq))
            // UNIT[self.freq]
            % self.interval
            == 0
            and self._day_belongs(wall.date())
        )

    def _day_in_phase(self, day: date) -> bool:
        start = self.start.date()
        distance = {
            "YEARLY": day.year - start.year,
            "MONTHLY": (day.year - start.year) * 12 + day.month - start.month,
            "WEEKLY": (self._week(day) - self._week(start)).days // 7,
            "DAILY": (day - start).days,
        }[self.freq]
        return distance % self.interval == 0

    def _day_belongs(self, day: date) -> bool:
        months, monthdays, yeardays, weekdays = self._day_parts()
        weeks = self.by.get("BYWEEKNO", [])
        length = calendar.monthrange(day.year, day.month)[1]
        year_length = 365 + calendar.isleap(day.year)
        yearday = day.timetuple().tm_yday
        return (
            (not months or day.month in months)
            and (not monthdays or day.day in monthdays or day.day - length - 1 in monthdays)
            and (not yeardays or yearday in yeardays or yearday - year_length - 1 in yeardays)
            and (not weeks or any(number in weeks for number in week_numbers(day, self.wkst)))
            and (not weekdays or any(self._is_weekday(day, text) for text in weekdays))
        )

    def _day_parts(self) -> tuple[list[int], list[int], list[int], list[str]]:
        """The parts that name days, with what DTSTART lends them."""
        by = self.by
        months, monthdays, yeardays = (by.get(n, []) for n in ("BYMONTH", "BYMONTHDAY", "BYYEARDAY"))
        weekdays = self.byday
        names_days = monthdays or yeardays or weekdays
        if "BYWEEKNO" in by:
            return months, monthdays, yeardays, weekdays if names_days else [WEEKDAYS[self.start.weekday()]]
        if self.freq == "YEARLY" and not (months or yeardays) and (monthdays or not names_days):
            months = [self.start.month]
        if self.freq in ("YEARLY", "MONTHLY") and not names_days:
            monthdays = [self.start.day]
        if self.freq == "WEEKLY" and not names_days:
            weekdays = [WEEKDAYS[self.start.weekday()]]
        return months, monthdays, yeardays, weekdays

    def _is_weekday(self, day: date, text: str) -> bool:
        number, name = text[:-2], text[-2:]
        if WEEKDAYS[day.weekday()] != name:
            return False
        if not number:
            return True
        in_year = self.freq == "YEARLY" and "BYMONTH" not in self.by
        alike = same_weekdays(day.year, None if in_year else day.month, day.weekday())
        index = int(number) - 1 if int(number) > 0 else len(alike) + int(number)
        return 0 <= index < len(alike) and alike[index] == day


@cache
def same_weekdays(year: int, month: int | None, weekday: int) -> list[date]:
    """All Mondays, say, of a month, or of a year if `month` is None."""
    days = [date(year, 1, 1) + n * DAY for n in range(366)]
    return [d for d in days if d.year == year and month in (None, d.month) and d.weekday() == weekday]


def truncated(wall: datetime, freq: str) -> datetime:
    """The beginning of the hour, minute or second."""
    if freq == "HOURLY":
        return wall.replace(minute=0, second=0)
    return wall.replace(second=0) if freq == "MINUTELY" else wall


def wall_at(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock shows."""
    return instant.astimezone(zone).replace(tzinfo=None)


def instants_of(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """All instants at which the clock shows a wall time: none in a gap, two in a fold."""
    as_utc = wall.replace(tzinfo=UTC)
    offsets = {(as_utc + n * DAY).astimezone(zone).utcoffset() or timedelta() for n in (-2, -1, 1, 2)}
    return sorted(as_utc - offset for offset in offsets if wall_at(as_utc - offset, zone) == wall)


def as_chosen(wall: datetime, zone: ZoneInfo, gap: str, fold: str) -> list[datetime]:
    """The instants of a wall time: `gap` is skip, shift or after, `fold` is first, last or both."""
    found = instants_of(wall, zone)
    if not found:
        return {"skip": [], "shift": [shifted(wall, zone)], "after": [after_gap(wall, zone)]}[gap]
    return {"first": found[:1], "last": found[-1:], "both": found}[fold]


def shifted(wall: datetime, zone: ZoneInfo) -> datetime:
    """A wall time in a gap, read with the offset before it."""
    before = (wall.replace(tzinfo=UTC) - 2 * DAY).astimezone(zone).utcoffset() or timedelta()
    return wall.replace(tzinfo=UTC) - before


def first_moment(wall: datetime, zone: ZoneInfo, gap: str, fold: str) -> datetime:
    """DTSTART's: as the user chose, else as RFC 5545 3.3.5 has it."""
    gap, fold = ("shift" if gap in ("auto", "skip") else gap), ("first" if fold == "auto" else fold)
    return as_chosen(wall, zone, gap, fold)[0]


def around(low: datetime, high: datetime, margin: timedelta) -> tuple[datetime, datetime]:
    """Naive bounds, wider."""
    return low.replace(tzinfo=None) - margin, high.replace(tzinfo=None) + margin


@cache
def week_numbers(day: date, wkst: str) -> tuple[int, int]:
    """The number of a day's week from the first of its year, and from the last, -1."""
    begin = day
    while WEEKDAYS[begin.weekday()] != wkst:
        begin -= DAY
    week = [begin + n * DAY for n in range(7)]
    year = next(year for year in {d.year for d in week} if sum(d.year == year for d in week) >= 4)
    before = after = 0
    while sum((d - (before + 1) * 7 * DAY).year == year for d in week) >= 4:
        before += 1
    while sum((d + (after + 1) * 7 * DAY).year == year for d in week) >= 4:
        after += 1
    return before + 1, -after - 1


def after_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant; in a gap, the first moment after it, found by walking."""
    while not instants_of(wall, zone):
        wall = wall.replace(second=0) + timedelta(minutes=1)
    return instants_of(wall, zone)[0]
