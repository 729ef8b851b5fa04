"""Cron expressions of five fields. cronsim reads them and judges days; the search is ours."""

from datetime import datetime
from functools import lru_cache

from cronsim import CronSim, CronSimError

from .clock_changes import EVERY_REAL_HOUR, FIXED_CRON, ClockChanges
from .cron_hints import downward, more_fields, refuse_days_of_quartz, refuse_spread, refuse_what_stands_around
from .cron_names import STARS, numbered
from .days import DayFilter, DaySet, Month, to_date
from .errors import RecurrenceError, quoted
from .on_the_wall import OnTheWall
from .times import Times, offsets_in_hour
from .walls import TimesOnDays
from .zones import Timeline

_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIELDS = {
    "minute": "0-59",
    "hour": "0-23",
    "day-of-month": "1-31, L or LW",
    "month": "1-12 or JAN-DEC",
    "day-of-week": "0-7 or SUN-SAT, 5L, 5#2",
}
_ANY_NAIVE_MOMENT = datetime(2000, 1, 1)  # noqa: DTZ001 - naive, so that cronsim leaves clock changes to us


def cron_instants(text: str, timeline: Timeline, gap: str, fold: str) -> OnTheWall:
    """The instants of a cron expression on a zone's clock; raises `RecurrenceError`."""
    fields = cron_fields(text)
    cron = _read(fields)
    days = DaySet(frozenset(cron.months), _filters(fields, cron))
    times = Times(tuple(sorted(cron.hours)), offsets_in_hour(tuple(sorted(cron.minutes)), (0,)))
    return OnTheWall(TimesOnDays(days, times), timeline, cron_clock_changes(text).chosen(gap, fold))


def cron_clock_changes(text: str) -> ClockChanges:
    """How a valid expression meets clock changes, unless the user chooses."""
    minute, hour, *_ = cron_fields(text)
    return EVERY_REAL_HOUR if minute.startswith("*") or hour.startswith("*") else FIXED_CRON


def _filters(fields: list[str], cron: CronSim) -> tuple[DayFilter, ...]:
    """The days that cronsim takes; none for stars, which is quicker."""
    if fields[2] in STARS and fields[4] in STARS:
        return ()

    def matching(month: Month) -> set[int]:
        return {offset for offset in range(month.length) if cron.match_day(to_date(month.start + offset))}

    return (matching,)


@lru_cache(maxsize=64)  # the rule, its warnings and its description ask for the same, one after the other
def read_cron(text: str) -> CronSim:
    """The sets of an expression's fields; raises `RecurrenceError`."""
    return _read(cron_fields(text))


def cron_fields(text: str) -> list[str]:
    """The five fields as they were written, in lower case; raises `RecurrenceError` for more or fewer."""
    if not text.isascii():
        raise _invalid(f"expected plain ASCII, got {quoted(text)}")
    refuse_what_stands_around(text)
    fields = _expanded(text.strip().lower()).split()
    if len(fields) in (6, 7):
        detail = f"a field for seconds or years is not supported: expected 5 fields, got {len(fields)}"
        raise _invalid(f"{detail} in {quoted(text)}{more_fields(text.split())}")
    if len(fields) != 5:
        raise _invalid(f"expected 5 fields ({', '.join(_FIELDS)}), got {len(fields)} in {quoted(text)}")
    return fields


def _expanded(text: str) -> str:
    if text == "@reboot":
        raise RecurrenceError("cron", "unsupported", "@reboot names no time; use run_at")
    if text.startswith("@") and text not in _ALIASES:
        raise _invalid(f"expected one of {', '.join(_ALIASES)}, got {quoted(text)}")
    return _ALIASES.get(text, text)


def _read(fields: list[str]) -> CronSim:
    try:
        return _read_numbered(numbered(fields))
    except CronSimError as error:
        raise _refusal(fields, str(error)) from error


def _read_numbered(fields: list[str]) -> CronSim:
    return CronSim(" ".join(fields), _ANY_NAIVE_MOMENT)


def _refusal(fields: list[str], complaint: str) -> RecurrenceError:
    name = complaint.removeprefix("Bad ")
    given = dict(zip(_FIELDS, fields, strict=True)).get(name, "")
    refuse_spread(name, given)
    if name == "day-of-month":
        refuse_days_of_quartz(given, _months_and_times_in_rrule(fields))
        if _is_valid_in_some_month(fields):
            detail = (
                f"{name}: {quoted(given)} is in none of the months {quoted(fields[3])}, so it would never run"
            )
            return RecurrenceError("cron", "never_matches", detail)
    values = _FIELDS.get(name, "a field of cron")
    number = dict(zip(_FIELDS, numbered(fields), strict=True)).get(name, "")
    hint = downward(number, values.split()[0].rstrip(",")) if name in _FIELDS else ""
    return _invalid(f"{name}: expected {values}, got {quoted(given)}{hint}")


def _months_and_times_in_rrule(fields: list[str]) -> str:
    """The months and times of day as parts of an RRULE; empty if they, or the weekdays, are in the way."""
    if fields[4] not in STARS:
        return ""
    try:
        cron = _read_numbered([*numbered(fields)[:2], "*", numbered(fields)[3], "*"])
    except CronSimError:
        return ""
    months = "" if len(cron.months) == 12 else f"BYMONTH={_listed(cron.months)};"
    return f"{months}BYHOUR={_listed(cron.hours)};BYMINUTE={_listed(cron.minutes)};BYSECOND=0"


def _listed(numbers: set[int]) -> str:
    return ",".join(map(str, sorted(numbers)))


def _is_valid_in_some_month(fields: list[str]) -> bool:
    try:
        _read_numbered([*numbered(fields)[:3], "*", numbered(fields)[4]])
    except CronSimError:
        return False
    return True


def _invalid(detail: str) -> RecurrenceError:
    return RecurrenceError("cron", "invalid_cron", detail)
