"""The sentence of a rule read back: English to instants, by code of its own that is meant to be plain and is slow.

It reads a sentence as its reader does. What can be read in two ways, or names a day that is not always there as if it
was, raises Unclear.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .english_clause import DAY, FOLDS, FOREVER, GAPS, MOMENT, SECOND_OF_TWO, Clause, Reader
from .english_words import CLOCK, MONTHS, Unclear, second_of_day
from .english_words import date as read_date
from .oracle import as_chosen, instants_of, package_zone, wall_at

COUNTED = r"\d[\d,]* (?:day|hour|minute|second)s?"
ZONE = r"UTC|[A-Z][\w+-]*(?:/[\w+-]+)*"


class Sentence:
    """A whole description."""

    def __init__(self, text: str) -> None:
        text, self.zone = _without_zone(text[0].lower() + text[1:])
        text, _, self.also = text.partition(", and also on ")
        text, _, self.gone = text.partition(", except ")
        self.dates = re.fullmatch(rf"(?:once, )?on ({MOMENT}(?:(?:, | and ).*)?)", text) and text
        clauses = [""] if self.dates else re.split(r"; and ", text) if "; and " in text else [text]
        shared = (
            re.fullmatch(rf"(.*?)(?:, from ({MOMENT}))?(?:, until ({MOMENT}))?", text)
            if self.dates
            else _bounds(text)
        )
        assert shared
        self.start, self.end = shared[2], shared[3]
        self.combined = re.match(
            rf"every ({COUNTED}(?:, {COUNTED})* and {COUNTED})(?=,|$| of elapsed time)", text
        )
        self.reader = self._reader(len(clauses) == 1 and ", and every" not in text)
        self.clauses = [] if self.dates or self.combined else self._clauses(text)
        self.text = text

    def _reader(self, is_one: bool) -> Reader:
        start, second, has_time = None, False, False
        if self.start:
            day, _, clock = self.start.partition(" at ")
            has_time, second = bool(clock), "second of two" in clock
            start = read_date(day) + timedelta(seconds=second_of_day(clock.split(" ")[0]) if clock else 0)
        return Reader(self.zone, start, second, has_time, is_one and not (self.also or self.gone))

    def _clauses(self, text: str) -> list[Clause]:
        body = text
        several = "; and " in text or re.search(r", and (?:every|on|at|in) ", text)
        if not several:
            return [Clause(body, self.reader)]
        body = re.sub(rf", from {MOMENT}(?:, until {MOMENT})?$", "", text)
        parts = body.split("; and ") if "; and " in text else body.split(", and ")
        return [Clause(part, self.reader) for part in parts]

    def instants(self, low: datetime, high: datetime) -> list[datetime]:
        """The instants in ``[low, high)``; `low` is no later than the start where any are counted."""
        if self.dates:
            listed = self.dates.removeprefix("once, ").removeprefix("on ")
            return sorted(
                {at for at, _ in self._moments(listed) if low <= at < high} - self._removed(low, high)
            )
        begin = self.reader.moment(self.start) if self.start else None
        if (
            begin
            and self.reader.start
            and self.reader.has_time
            and not instants_of(self.reader.start, self.zone)
        ):
            gap = next((GAPS[words] for words in GAPS if words in self.text), "shift")
            begin = as_chosen(self.reader.start, self.zone, "shift" if gap == "skip" else gap, "first")[0]
        if self.end:
            high = min(high, self.reader.moment(self.end, last=True) + timedelta(seconds=1))
        if self.combined:
            found = set(self._days_and_elapsed(begin, low, high))
        else:
            found = {at for clause in self.clauses for at in clause.instants(begin, low, high)}
        found = {at for at in found if low <= at < high}
        if self.also:
            found |= {at for at, _ in self._moments(self.also) if low <= at < high}
        return sorted(found - self._removed(low, high, found))

    def _days_and_elapsed(self, begin: datetime | None, low: datetime, high: datetime) -> Iterator[datetime]:
        assert self.combined
        assert begin
        amounts = re.findall(r"([\d,]+) (day|hour|minute|second)", self.combined[1])
        units = {f"{unit}s": int(number.replace(",", "")) for number, unit in amounts}
        days, elapsed = units.pop("days", 0), timedelta(**units)
        if not days:
            first = max(0, (low - begin) // elapsed)
            yield from (begin + number * elapsed for number in range(first, (high - begin) // elapsed + 1))
            return
        gap = next((GAPS[words] for words in GAPS if words in self.text), None)
        fold = next((FOLDS[words] for words in FOLDS if words in self.text), "first")
        wall, number = wall_at(begin, self.zone), 0
        yield begin
        while wall + number * elapsed < high.replace(tzinfo=None) + 3 * DAY:
            number, wall = number + 1, wall + days * DAY
            if not instants_of(wall, self.zone) and gap is None:
                raise Unclear(f"{wall} does not exist")
            for at in as_chosen(wall, self.zone, gap or "skip", fold):
                yield at + number * elapsed

    def _removed(self, low: datetime, high: datetime, found: set[datetime] | None = None) -> set[datetime]:
        gone = set[datetime]()
        for part in self.gone.split(", and ") if self.gone else []:
            if re.fullmatch(rf"\d+(?:(?:, | and )\d+)* {'(?:' + '|'.join(MONTHS) + ')'} \d+.*", part):
                for at, day in self._moments(part, whole=True):
                    gone |= {i for i in found or () if wall_at(i, self.zone).date() == day} if day else {at}
            else:
                begin = self.reader.moment(self.start) if self.start else None
                times = self.clauses[0].times if len(self.clauses) == 1 else None
                clause = Clause(part, self.reader, times)
                if times is not None and clause.times is times and self.clauses:
                    clause.gap, clause.fold = self.clauses[0].gap, self.clauses[0].fold
                gone |= set(clause.instants(begin, low, high))
        return gone

    def _moments(self, text: str, *, whole: bool = False) -> Iterator[tuple[datetime, date | None]]:
        """`24 and 25 December 2026 and 3 January 2027 at 12:00`; a date alone is at the rule's one time, or `whole`."""
        days: list[str] = []
        month = f"(?:{'|'.join(MONTHS)})"
        for item in re.split(r", | and ", text):
            match = re.fullmatch(rf"(\d+)(?: ({month} \d+))?(?: at ({CLOCK}{SECOND_OF_TWO}))?", item)
            if not match:
                raise Unclear(f"no moment: {item!r}")
            days.append(match[1])
            if not match[2]:
                continue
            for day in days:
                written = f"{day} {match[2]}"
                if match[3]:
                    yield self.reader.moment(f"{written} at {match[3]}"), None
                elif whole:
                    yield FOREVER, read_date(written).date()
                else:
                    yield self._at_the_one_time(read_date(written)), None
            days = []

    def _at_the_one_time(self, day: datetime) -> datetime:
        [second] = {second for clause in self.clauses for second in clause.times.seconds}
        [found] = instants_of(day + timedelta(seconds=second), self.zone)
        return found


def _bounds(text: str) -> re.Match[str] | None:
    """The shared bounds of clauses: those at the end."""
    if "; and " in text or re.search(r", and (?:every|on|at|in) ", text):
        return re.fullmatch(rf"(.*?)(?:, from ({MOMENT}))?(?:(?<=\d), until ({MOMENT}))?", text)
    return re.fullmatch(
        rf"(.*?)(?:, (?:from|first on) ({MOMENT}))?(?:, until ({MOMENT}))?(?:, (?:only once|twice|[\d,]+ times))?",
        text,
    )


def _without_zone(text: str) -> tuple[str, ZoneInfo]:
    behind_clock = re.search(rf"({CLOCK}) ({ZONE})", text)
    in_brackets = re.search(rf" \(({ZONE})\)", text)
    if behind_clock:
        text = text.replace(behind_clock[0], behind_clock[1], 1)
        return text, package_zone(behind_clock[2])
    if in_brackets:
        return text.replace(in_brackets[0], "", 1), package_zone(in_brackets[1])
    return text, package_zone("UTC")
