"""The wall times that an RRULE names, endless: its days, its times, its phase, its BYSETPOS."""

from array import array

from .days import to_date
from .phases import DayPhase, DaysOfPhase, Phase, WholeDaysOfPhase
from .rrule_days import day_set, period, with_days_of_start
from .rrule_lines import invalid
from .rrule_parts import Frequency, Parts
from .seconds import DAY, HOUR, MINUTE
from .times import ALL_HOURS, ALL_OF_SIXTY, Times, offsets_in_hour, picked
from .walls import EvenlySpaced, PhasedTimes, PickedTimes, TimesOnDays, WallTimes

UNITS = {Frequency.HOURLY: HOUR, Frequency.MINUTELY: MINUTE, Frequency.SECONDLY: 1}
_EVEN = {Frequency.WEEKLY: 7 * DAY, Frequency.DAILY: DAY, **UNITS}


def rrule_walls(parts: Parts, start: int) -> WallTimes:
    """The wall times of an RRULE, in phase with DTSTART's; raises `RecurrenceError` if there can be none."""
    if parts.freq in _EVEN and not parts.given:
        return EvenlySpaced(start, parts.interval * _EVEN[parts.freq])
    parts = with_days_of_start(parts, to_date(start // DAY))
    times = _times(parts, start % DAY)
    if not times:
        raise invalid("BYSETPOS picks a position that no set of this rule has", "never_matches")
    if parts.freq in UNITS and parts.interval > 1:
        unit = UNITS[parts.freq]
        return _phased(parts, times, start // DAY, Phase(unit, parts.interval, start // unit * unit))
    base = TimesOnDays(day_set(parts, start // DAY), times)
    if parts.bysetpos and parts.freq <= Frequency.DAILY:
        _check_positions(parts, len(times))
        return PickedTimes(base, frozenset(parts.bysetpos), period(parts))
    return base


def _check_positions(parts: Parts, times: int) -> None:
    """The largest set is known, or at least a bound of it."""
    days = {Frequency.DAILY: 1, Frequency.WEEKLY: len(parts.byday), Frequency.MONTHLY: 31}.get(
        parts.freq, 366
    )
    if min(abs(position) for position in parts.bysetpos) > days * times:
        raise invalid(f"BYSETPOS picks beyond the {days * times} times that a set can hold", "never_matches")


def _phased(parts: Parts, times: Times, start: int, phase: Phase) -> WallTimes:
    days = _days_of_phase(times, phase)
    if isinstance(days, DaysOfPhase) and not days.residues:
        detail = f"INTERVAL={parts.interval} from the start on never meets BYHOUR, BYMINUTE or BYSECOND"
        raise invalid(detail, "never_matches")
    return PhasedTimes(TimesOnDays(day_set(parts, start, days), times), phase)


def _days_of_phase(times: Times, phase: Phase) -> DayPhase | None:
    if not times.is_every_second:
        return DaysOfPhase.of(phase, times)
    return WholeDaysOfPhase(phase) if phase.step * phase.unit > DAY else None


def _times(parts: Parts, start: int) -> Times:
    """The times of day: what the parts name; else all, if FREQ is that fine; else DTSTART's."""
    fine = parts.freq
    hours = parts.byhour or (ALL_HOURS if fine >= Frequency.HOURLY else (start // HOUR,))
    minutes = parts.byminute or (ALL_OF_SIXTY if fine >= Frequency.MINUTELY else (start // MINUTE % 60,))
    seconds = parts.bysecond or (ALL_OF_SIXTY if fine >= Frequency.SECONDLY else (start % MINUTE,))
    positions = frozenset(parts.bysetpos)
    if positions and fine >= Frequency.MINUTELY:
        seconds = _picked_seconds(positions, seconds, fine)
    offsets = offsets_in_hour(minutes, seconds)
    if positions and fine is Frequency.HOURLY:
        offsets = array("H", (offsets[index] for index in picked(positions, len(offsets))))
    return Times(hours, offsets)


def _picked_seconds(positions: frozenset[int], seconds: tuple[int, ...], freq: Frequency) -> tuple[int, ...]:
    """What BYSETPOS leaves of each minute's seconds, or of each second's one."""
    if freq is Frequency.SECONDLY:
        return seconds if positions & {1, -1} else ()
    return tuple(seconds[index] for index in picked(positions, len(seconds)))
