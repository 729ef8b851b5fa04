"""What stands beside the RRULEs of an rrule, read on the clock of its zone."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from schedules.recurrence.clock_changes import CALENDAR, ClockChanges
from schedules.recurrence.rrule_parts import Parts
from schedules.recurrence.rrule_text import Placed, RecurrenceText
from schedules.recurrence.rule import Rule
from schedules.recurrence.seconds import DAY, FIRST_SECOND, to_datetime, to_naive
from schedules.recurrence.spec import RuleSpec
from schedules.recurrence.zones import Timeline, timeline

from .clause import Clause
from .clock_changes import clock_words
from .rrule import clock_changes_of, rrule_clause
from .sentence import Bounds, bounds_text, moments_text
from .times import TimesOfDay


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of an rrule that was parsed to a rule."""

    spec: RuleSpec
    text: RecurrenceText
    rule: Rule
    _clauses: dict[Parts, Clause] = field(default_factory=dict, init=False)
    """In words, so far. Each is asked for twice."""

    @property
    def start(self) -> datetime:
        """DTSTART as it was written, or `starts_at`."""
        shown = self._local(max(self.rule.starts, FIRST_SECOND))
        if self.text.dtstart is None or self.text.dtstart.is_utc:
            return shown
        written = to_naive(self.text.dtstart.wall)
        fold = shown.fold if shown.replace(tzinfo=None, fold=0) == written else 0
        return written.replace(tzinfo=self.rule.zone, fold=fold)

    @property
    def is_amended(self) -> bool:
        """Whether anything is taken away or added."""
        return bool(self.text.added or self.text.removed or self.text.excluded)

    @property
    def counts_from_start(self) -> bool:
        """Whether some of what is told means nothing without the time of the start."""
        rules = [*self.text.rules, *self._excluded]
        return any(self.clause(parts).counts_from_start for parts in rules)

    @property
    def _excluded(self) -> list[Parts]:
        return [parts for parts in self.text.excluded if parts not in self.rule.idle]

    def clause(self, parts: Parts) -> Clause:
        """One RRULE or EXRULE."""
        if parts not in self._clauses:
            self._clauses[parts] = self._new_clause(parts)
        return self._clauses[parts]

    def _new_clause(self, parts: Parts) -> Clause:
        clause = rrule_clause(parts, self.start)
        changes = clock_changes_of(parts).chosen(self.spec.dst_gap, self.spec.dst_fold)
        return replace(clause, clock_changes=clock_words(clause.times, clause.months, changes, self.rule))

    def end_of(self, parts: Parts) -> Bounds:
        """UNTIL and COUNT of one line."""
        if parts.until is None:
            return Bounds(count=parts.count)
        return Bounds(end=self._local(parts.until.last_instant(self._timeline, self._dates)))

    def amendments(self, times: TimesOfDay, main: Clause | None) -> str:
        """What is taken away, and what is added. `main`: the one RRULE that there is."""
        added = self.added
        also = f", and also on {moments_text(added, times)}" if added else ""
        return self.exceptions(times, None if added else main) + also

    @property
    def added(self) -> list[tuple[datetime, bool]]:
        """The instants of RDATE that occur. A date alone is added at the time of the start."""
        moments = [self._local(instant) for placed in self.text.added for instant in self._instants(placed)]
        return [(moment, False) for moment in moments if self.rule.names(moment)]

    def exceptions(self, times: TimesOfDay, main: Clause | None) -> str:
        """What is taken away and was there. Beside `main` what has its times is told by its days."""
        dates = list(self._removed())
        gone = [self._taken_away(parts, main) for parts in self._excluded]
        gone += [moments_text(dates, times if main else _NO_TIMES)] if dates else []
        return f", except {', and '.join(gone)}" if gone else ""

    def _removed(self) -> Iterator[tuple[datetime, bool]]:
        for placed in self.text.removed:
            if placed in self.rule.idle:
                continue
            if placed[0].has_time:
                yield from ((self._local(instant), False) for instant in self._instants(placed))
            else:
                yield to_naive(placed[0].wall).replace(tzinfo=self.rule.zone), True

    def _taken_away(self, parts: Parts, main: Clause | None) -> str:
        clause = self.clause(parts)
        alike = main is not None and not clause.times.is_rate and clause.times.text == main.times.text
        if main is not None and alike and clause.clock_changes == main.clock_changes:
            text = clause.days + clause.restriction
        else:
            text = clause.text
        return text + bounds_text(self.end_of(parts), clause.times)

    def _instants(self, placed: Placed) -> tuple[int, ...]:
        moment, zone = placed
        if moment.has_time:
            return moment.instants(zone or self._timeline, self._dates)
        start = self.text.dtstart.wall if self.text.dtstart else self._timeline.wall(self.rule.starts)
        return self._timeline.instants(moment.wall + start % DAY, self._dates)

    @property
    def _dates(self) -> ClockChanges:
        return CALENDAR.chosen(self.spec.dst_gap, self.spec.dst_fold)

    @property
    def _timeline(self) -> Timeline:
        return timeline(self.rule.zone.key)

    def _local(self, instant: int) -> datetime:
        return to_datetime(instant).astimezone(self.rule.zone)


_NO_TIMES = TimesOfDay("", True)
