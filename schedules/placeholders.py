"""Placeholders in arguments. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Moments:
    """What placeholders stand for: the occurrence's instant, and the rule's instants before and after it."""

    scheduled_for: datetime
    previous_scheduled_for: datetime | None = None
    next_scheduled_for: datetime | None = None


def render(arguments: dict[str, Any], moments: Moments, zone: ZoneInfo) -> dict[str, Any]:
    """The arguments with every placeholder replaced."""
    return arguments
