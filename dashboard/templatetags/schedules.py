"""What only the templates of schedules need: `{% load schedules %}`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import template

from dashboard.schedules.editor_fields import FilledField
from rest.json import instant_text

register = template.Library()
_MARKS = {
    "well": "M6 23v-14",
    "running": "M6 23v-12",
    "failed": "M6 23v-11m-2-7l4 4m0-4l-4 4",
    "revoked": "M4 17h4",
    "gone": "M6 23v-4",
    "waiting": "M6 17h0",
    "error": "M4 20h4l-2-5z",
}


@register.filter
def wall(moment: datetime | str) -> str:
    """What the clock on the wall shows, with the day of the week and the offset: `Sun 2026-03-29 03:30 +02:00`."""
    local = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    offset = f"{local:%z}"
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{local:%a %Y-%m-%d} {clock} {offset[:3]}:{offset[3:5]}"


@register.filter
def utc(moment: datetime) -> str:
    """As addresses have it."""
    return str(instant_text(moment))


@register.filter
def hours(change: timedelta) -> str:
    """`+1 h`, `-30 min`."""
    minutes = round(change.total_seconds() / 60)
    return f"{minutes // 60:+d} h" if minutes % 60 == 0 else f"{minutes:+d} min"


@register.filter
def mark(kind: str) -> str:
    """One mark alone, as a strip has it, 12 wide."""
    return _MARKS.get(kind, "M3 17a3 3 0 1 0 6 0a3 3 0 1 0-6 0")


@register.inclusion_tag("dashboard/schedules/fields.html")
def fields(group: Sequence[FilledField]) -> dict[str, Any]:
    """The fields of a group of the editor."""
    return {"group": group}
