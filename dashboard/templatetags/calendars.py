"""What the templates of the calendar are made of."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template

register = template.Library()

SIGNS = {"well": "✓", "failed": "✕", "open": "◐", "none": "·", "coming": "○", "left_out": "⊘"}
WORDS = {
    "well": "succeeded",
    "failed": "failed",
    "open": "running or waiting",
    "none": "no task",
    "coming": "to come",
    "left_out": "left out",
}


@register.filter
def sign(kind: str) -> str:
    """A kind of item as one character."""
    return SIGNS[kind]


@register.filter
def kind_words(kind: str) -> str:
    """A kind of item in words."""
    return WORDS[kind]


@register.simple_tag(takes_context=True)
def wall(context: template.Context, at: datetime) -> str:
    """The time of the day in the zone of who looks."""
    zone: ZoneInfo = context["zone"]
    local = at.astimezone(zone)
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


@register.simple_tag
def legend() -> list[tuple[str, str, str]]:
    """Each kind, its sign and its words."""
    return [(kind, SIGNS[kind], words) for kind, words in WORDS.items()]
