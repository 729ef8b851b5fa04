"""Which parts of an RRULE go together (RFC 5545 3.3.10), as a flat list of checks."""

from .rrule_lines import invalid
from .rrule_parts import WEEKDAYS, Frequency, Parts


def check(parts: Parts) -> None:
    """Raise `RecurrenceError` for a combination that the RFC forbids or leaves open."""
    for rule in _CHECKS:
        rule(parts)


def _count_or_until(parts: Parts) -> None:
    if parts.count is not None and parts.until is not None:
        raise invalid("COUNT and UNTIL cannot be used together", "conflict")


def _monthday_not_weekly(parts: Parts) -> None:
    if parts.bymonthday and parts.freq is Frequency.WEEKLY:
        raise invalid("BYMONTHDAY cannot be used with FREQ=WEEKLY; use MONTHLY or DAILY", "conflict")


def _yearday_not_in_the_middle(parts: Parts) -> None:
    if parts.byyearday and Frequency.MONTHLY <= parts.freq <= Frequency.DAILY:
        raise invalid(f"BYYEARDAY cannot be used with FREQ={parts.freq.name}; use YEARLY", "conflict")


def _numbered_days_fit(parts: Parts) -> None:
    for day, number in parts.byday:
        if number is None:
            continue
        written = f"BYDAY={number}{WEEKDAYS[day]}"
        if parts.freq > Frequency.MONTHLY:
            detail = f"{written}: a numbered weekday needs FREQ=MONTHLY or YEARLY, got {parts.freq.name}"
            raise invalid(detail, "conflict")
        if abs(number) > 5 and (parts.freq is Frequency.MONTHLY or parts.bymonth):
            raise invalid(f"{written}: a month has no more than five of a weekday", "never_matches")


def _weeks_are_of_years(parts: Parts) -> None:
    if not parts.byweekno:
        return
    if parts.freq is not Frequency.YEARLY:
        raise invalid(f"BYWEEKNO cannot be used with FREQ={parts.freq.name}; use YEARLY", "conflict")
    if any(number is not None for _, number in parts.byday):
        raise invalid("BYWEEKNO cannot be used with a numbered BYDAY; name plain weekdays", "conflict")


def _setpos_has_a_set(parts: Parts) -> None:
    if parts.bysetpos and parts.given == ("BYSETPOS",):
        raise invalid("BYSETPOS needs another BY part whose set it picks from", "conflict")


_CHECKS = (
    _count_or_until,
    _monthday_not_weekly,
    _yearday_not_in_the_middle,
    _numbered_days_fit,
    _weeks_are_of_years,
    _setpos_has_a_set,
)
