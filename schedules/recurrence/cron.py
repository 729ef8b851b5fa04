"""Cron expressions of five fields. cronsim reads them and judges days; the search is ours."""

from datetime import datetime

from cronsim import CronSim, CronSimError

from .clock_changes import EVERY_REAL_HOUR, FIXED_CRON
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
    fields = _fields(text)
    cron = _read(fields)
    days = DaySet(frozenset(cron.months), _filters(fields, cron))
    times = Times(tuple(sorted(cron.hours)), offsets_in_hour(tuple(sorted(cron.minutes)), (0,)))
    follows_clock = fields[0].startswith("*") or fields[1].startswith("*")
    changes = EVERY_REAL_HOUR if follows_clock else FIXED_CRON
    return OnTheWall(TimesOnDays(days, times), timeline, changes.chosen(gap, fold))


def _filters(fields: list[str], cron: CronSim) -> tuple[DayFilter, ...]:
    """The days that cronsim takes; none for stars, which is quicker."""
    if fields[2] == fields[4] == "*":
        return ()

    def matching(month: Month) -> set[int]:
        return {offset for offset in range(month.length) if cron.match_day(to_date(month.start + offset))}

    return (matching,)


def read_cron(text: str) -> CronSim:
    """The sets of an expression's fields; raises `RecurrenceError`."""
    return _read(_fields(text))


def _fields(text: str) -> list[str]:
    if not text.isascii():
        raise _invalid(f"expected plain ASCII, got {quoted(text)}")
    fields = _expanded(text.strip().lower()).split()
    if len(fields) == 6:
        detail = f"a field for seconds or years is not supported: expected 5 fields, got 6 in {quoted(text)}"
        raise _invalid(f"{detail}; for seconds use rrule FREQ=SECONDLY")
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
        return CronSim(" ".join(fields), _ANY_NAIVE_MOMENT)
    except CronSimError as error:
        raise _refusal(fields, str(error)) from error


def _refusal(fields: list[str], complaint: str) -> RecurrenceError:
    name = complaint.removeprefix("Bad ")
    given = dict(zip(_FIELDS, fields, strict=True)).get(name, "")
    if name == "day-of-month" and _is_valid_in_some_month(fields):
        detail = f"{name}: {quoted(given)} is in none of the months {quoted(fields[3])}"
        return RecurrenceError("cron", "never_matches", detail)
    return _invalid(f"{name}: expected {_FIELDS.get(name, 'a field of cron')}, got {quoted(given)}")


def _is_valid_in_some_month(fields: list[str]) -> bool:
    try:
        CronSim(" ".join([*fields[:3], "*", fields[4]]), _ANY_NAIVE_MOMENT)
    except CronSimError:
        return False
    return True


def _invalid(detail: str) -> RecurrenceError:
    return RecurrenceError("cron", "invalid_cron", detail)
