"""A check: its name, and what it finds."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import InterfaceError, OperationalError

from log_lines import event
from tasks_api.health.checks.found import Found, warn
from tasks_api.postgres import is_stopped

Facts = TypeVar("Facts")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Check(Generic[Facts]):
    """One check, by a name that stays."""

    name: str
    judge: Callable[[Facts], Found]


def carry_out(checks: Iterable[Check[Facts]], facts: Facts) -> list[dict[str, Any]]:
    """What each finds, in their order. Raises what says that the database is away, without which there is no answer."""
    return [_told(check.name, _found(check, facts)) for check in checks]


def _found(check: Check[Facts], facts: Facts) -> Found:
    try:
        return check.judge(facts)
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError) and not is_stopped(error):
            raise
        logger.exception("the check %s failed", check.name, extra=event("check.failed", check=check.name))
        detail = f"it could not be checked: {type(error).__name__}"
        return warn(detail, "The log of the web process has the reason, with the event check.failed.")


def _told(name: str, found: Found) -> dict[str, Any]:
    return {
        "name": name,
        "status": found.verdict.value,
        "detail": found.detail,
        "how_to_mend": found.how_to_mend,
    }
