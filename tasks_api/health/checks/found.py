"""What a check found, as a value. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """It will be a problem, or nobody knows."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found, and what to do about it."""

    verdict: Verdict
    detail: str
    how_to_mend: str | None = None


def ok(detail: str) -> Found:
    """All is well."""
    return Found(Verdict.OK, detail)


def warn(detail: str, how_to_mend: str) -> Found:
    """Somebody should look at it."""
    return Found(Verdict.WARN, detail, how_to_mend)


def fail(detail: str, how_to_mend: str) -> Found:
    """Something does not work, or is about to be lost."""
    return Found(Verdict.FAIL, detail, how_to_mend)
