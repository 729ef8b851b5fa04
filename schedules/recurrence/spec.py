"""What a user wrote, before anything is understood of it."""

from dataclasses import dataclass
from datetime import datetime

from .clock_changes import AUTO, FOLDS, GAPS
from .errors import RecurrenceError
from .seconds import MINUTE, is_aware

LONGEST_RRULE = 16_384
EVERY = ("every_x_days", "every_x_hours", "every_x_minutes", "every_x_seconds")
"""The fields of an interval. Those that are given are added up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    """One rule, of one kind: ``every_x_*``, any of which are added up, ``cron``, ``rrule`` or ``run_at``.

    Datetimes are aware. ``starts_at`` and ``ends_at`` bound every kind, both inclusive; ``every_x_*`` and
    an ``rrule`` without DTSTART need ``starts_at``, which is also their phase. ``timezone`` None means:
    the zone that the rrule's DTSTART names, else UTC. Naming one that is not DTSTART's is refused.
    ``dst_gap`` (``auto``, ``skip``, ``shift``, ``after``) and ``dst_fold`` (``auto``, ``first``, ``last``,
    ``both``) say what becomes of wall times that a clock change skips or repeats.
    """

    every_x_days: int | None = None
    every_x_hours: int | None = None
    every_x_minutes: int | None = None
    every_x_seconds: int | None = None
    cron: str | None = None
    rrule: str | None = None
    run_at: datetime | None = None
    timezone: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    dst_gap: str = AUTO
    dst_fold: str = AUTO

    @property
    def kind(self) -> str:
        """The field that says which kind of rule this is, once `checked`."""
        return _kinds(self)[0]

    @property
    def elapsed_seconds(self) -> int:
        """What ``every_x_hours``, ``every_x_minutes`` and ``every_x_seconds`` make together."""
        minutes = (self.every_x_hours or 0) * 60 + (self.every_x_minutes or 0)
        return minutes * MINUTE + (self.every_x_seconds or 0)


def checked(spec: RuleSpec) -> RuleSpec:
    """The same spec, its types and its choice of one kind being right; else raises `RecurrenceError`."""
    for field in EVERY:
        _check_number(field, getattr(spec, field))
    for field in ("cron", "rrule", "timezone"):
        _check_text(field, getattr(spec, field))
    for field in ("run_at", "starts_at", "ends_at"):
        _check_moment(field, getattr(spec, field))
    _check_choice("dst_gap", spec.dst_gap, GAPS)
    _check_choice("dst_fold", spec.dst_fold, FOLDS)
    _check_kinds(_kinds(spec))
    return spec


def _kinds(spec: RuleSpec) -> list[str]:
    """The kinds given, all ``every_x_*`` being one, which the first of them stands for."""
    given = [field for field in _KINDS if getattr(spec, field) is not None]
    return [field for field in given if field not in EVERY or field == given[0]]


_KINDS = (*EVERY, "cron", "rrule", "run_at")


def _check_kinds(given: list[str]) -> None:
    if not given:
        raise RecurrenceError("rule", "required", f"expected a rule, one of {', '.join(_KINDS)}; got none")
    if len(given) > 1:
        detail = f"expected one kind of rule, got {' and '.join(given)}"
        raise RecurrenceError(given[1], "conflict", detail)


def _check_number(field: str, value: object) -> None:
    if value is None:
        return
    if type(value) is not int:
        raise RecurrenceError(field, "invalid", f"{field} must be a whole number, got {type(value).__name__}")
    if value < 1:
        raise RecurrenceError(field, "min_value", f"{field} must be at least 1, got {value}")
    if value > MAX_NUMBER:
        raise RecurrenceError(field, "max_value", f"must be at most {MAX_NUMBER:,}, got {value:,}")


MAX_NUMBER = 2_000_000_000  # what an integer of Postgres holds, rounded


def _check_text(field: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise RecurrenceError(field, "invalid", f"{field} must be text, got {type(value).__name__}")
    if len(value) > MAX_LENGTH[field]:
        detail = f"{field} must be at most {MAX_LENGTH[field]:,} characters, got {len(value):,}"
        raise RecurrenceError(field, "too_long", detail)


MAX_LENGTH = {"cron": 100, "rrule": LONGEST_RRULE, "timezone": 100}


def _check_choice(field: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise RecurrenceError(
            field, "invalid", f"{field} must be one of {', '.join(choices)}, got {value!r:.40}"
        )


def _check_moment(field: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, datetime):
        raise RecurrenceError(field, "invalid", f"{field} must be a datetime, got {type(value).__name__}")
    if not is_aware(value):
        raise RecurrenceError(field, "invalid", f"{field} must have a UTC offset, got {value.isoformat()}")
