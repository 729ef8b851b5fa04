"""How long an attempt may take and how many there may be, within what rows, messages and timers can hold."""

from typing import Any, NamedTuple

MAX_TIMEOUT_SECONDS = 7 * 86_400
"""A week."""
MAX_ATTEMPTS = 100


class Limits(NamedTuple):
    """What holds for a task that does not say, and whether it may be done twice."""

    timeout_seconds: float
    max_attempts: int
    idempotent: bool


class InvalidLimits(ValueError):
    """No task may have such limits. The text says of which operation, what was expected, and what came."""


def checked_limits(operation: str, limits: Any) -> Limits:
    """`limits`, if tasks of `operation` may have them. Raises InvalidLimits."""
    if not isinstance(limits, Limits):
        raise InvalidLimits(f"limits_of of operation {operation} must return Limits, got {limits!r}")
    timeout, attempts = limits.timeout_seconds, limits.max_attempts
    if not _is_number(timeout) or not 0 < timeout <= MAX_TIMEOUT_SECONDS:
        expected = f"must be more than 0 and at most {MAX_TIMEOUT_SECONDS} (a week)"
        raise InvalidLimits(f"timeout_seconds of operation {operation} {expected}, got {timeout!r}")
    if not isinstance(attempts, int) or not _is_number(attempts) or not 1 <= attempts <= MAX_ATTEMPTS:
        expected = f"must be a whole number from 1 to {MAX_ATTEMPTS}"
        raise InvalidLimits(f"max_attempts of operation {operation} {expected}, got {attempts!r}")
    return Limits(float(timeout), attempts, bool(limits.idempotent))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
