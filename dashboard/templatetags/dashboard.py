"""What the templates of pages are made of: `{% load dashboard %}`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.shell.once import FIELD, new_token
from dashboard.shell.pretty import pretty
from dashboard.shell.pretty import visible as pretty_visible
from dashboard.shell.words import duration_words, relative_words
from dashboard.shell.zones import zone_names

register = template.Library()
ICONS = "dashboard/vendor/icons.svg"
LONGEST_TEXT = 200


class Look(NamedTuple):
    """How a state is shown: never by its colour alone."""

    icon: str
    kind: str


LOOKS: Mapping[str, Look] = {
    "PENDING": Look("circle-dashed", "waiting"),
    "RETRY": Look("rotate-ccw", "warning"),
    "STARTED": Look("loader", "running"),
    "SUCCESS": Look("circle-check", "good"),
    "FAILURE": Look("circle-x", "bad"),
    "REVOKED": Look("ban", "muted"),
    "pending": Look("circle-dashed", "waiting"),
    "running": Look("loader", "running"),
    "done": Look("circle-check", "good"),
    "cancelled": Look("circle-stop", "muted"),
    "active": Look("circle-play", "good"),
    "paused": Look("circle-pause", "warning"),
    "completed": Look("circle-check-big", "muted"),
    "error": Look("triangle-alert", "bad"),
    "ok": Look("circle-check", "good"),
    "away": Look("circle-x", "bad"),
    "alive": Look("circle-check", "good"),
    "draining": Look("circle-pause", "warning"),
    "failing": Look("triangle-alert", "warning"),
    "stopped": Look("circle-stop", "muted"),
    "dead": Look("circle-x", "bad"),
    "created": Look("circle-check", "good"),
    "upcoming": Look("circle-dashed", "waiting"),
    "queued": Look("clock", "waiting"),
    "skipped": Look("skip-forward", "muted"),
    "missed": Look("circle-slash", "warning"),
    "coalesced": Look("merge", "muted"),
    "moved": Look("move-right", "waiting"),
    "failed": Look("circle-x", "bad"),
}
UNKNOWN = Look("circle-question-mark", "muted")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small picture, which says nothing that the text beside it does not."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static(ICONS),
        name,
    )


@register.simple_tag
def status(value: str, words: str = "") -> SafeString:
    """A state as shape, colour and word; `words` instead of its own name."""
    look = LOOKS.get(value, UNKNOWN)
    return format_html('<span class="status is-{}">{}{}</span>', look.kind, icon(look.icon), words or value)


@register.simple_tag(takes_context=True)
def instant(context: template.Context, at: datetime | None, form: str = "relative") -> SafeString:
    """A point in time, in words (`relative`), as a countdown (`left`) or in full (`full`), in the zone of who looks.

    The script keeps words true; the title has UTC.
    """
    if at is None:
        return format_html('<span class="none">{}</span>', "-")
    zone: ZoneInfo = context["zone"]
    local = at.astimezone(zone)
    full = f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"
    words = full if form == "full" else relative_words((at - datetime.now(UTC)).total_seconds())
    utc = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
    title = utc if form == "full" else f"{utc} · {full}"
    return format_html('<time datetime="{}" title="{}" data-form="{}">{}</time>', utc, title, form, words)


@register.simple_tag
def duration(seconds: float | None) -> SafeString:
    """How long something took or takes, short: `2 min 5 s`."""
    if seconds is None:
        return format_html('<span class="none">{}</span>', "-")
    return format_html(
        '<span class="duration" title="{} s">{}</span>', f"{seconds:,.3f}", duration_words(seconds)
    )


@register.simple_tag(takes_context=True)
def clock(context: template.Context, at: datetime) -> str:
    """A day of the week and a time of day, in the zone of who looks."""
    return f"{at.astimezone(context['zone']):%a %H:%M}"


@register.simple_tag
def short(seconds: float | None) -> str:
    """A duration as text alone, for tables of many."""
    return "-" if seconds is None else duration_words(seconds)


@register.simple_tag
def json(value: Any, label: str = "JSON", *, is_open: bool = False) -> SafeString:
    """Any JSON, folded away where it is long; numbers are exact, and very much is cut."""
    return pretty(value, label, is_open=is_open)


@register.simple_tag(takes_context=True)
def at(context: template.Context, path: str, **query: Any) -> str:
    """The address of a page of the same project: `{% at "tasks/" status="FAILURE" %}`."""
    asked = {name: value for name, value in query.items() if value is not None}
    return f"{context['base']}{path}" + (f"?{urlencode(asked, doseq=True)}" if asked else "")


@register.simple_tag(takes_context=True)
def live(context: template.Context, id: str, topics: str) -> SafeString:  # noqa: A002 (the attribute's name)
    """Attributes of an element that fetches itself anew when one of these topics has changed.

    `<div {% live "list" "tasks schedules" %}>`. Topics: `tasks`, `schedules`, `workers`, `audit`.
    """
    return format_html(
        'id="{0}" data-live="{1}" hx-get="{2}" hx-trigger="refresh" hx-target="this" hx-select="#{0}" '
        'hx-swap="outerMorph"',
        id,
        topics,
        context["here"],
    )


@register.simple_tag
def progress(percent: float | None, label: str) -> SafeString:
    """A bar. Without a number it only says that something goes on."""
    if percent is None:
        return format_html('<progress class="progress" aria-label="{}"></progress>', label)
    return format_html(
        '<progress class="progress" aria-label="{}" max="100" value="{}"></progress>', label, f"{percent:g}"
    )


@register.inclusion_tag("dashboard/zone_select.html", takes_context=True)
def zone_select(context: template.Context, *, every: bool = False) -> dict[str, Any]:
    """A choice of time zones: UTC and that of who looks, to which the script adds the browser's; or all there are."""
    chosen = context["zone"].key
    return {"names": zone_names() if every else dict.fromkeys(("UTC", chosen)), "chosen": chosen}


@register.filter
def count(counted: Any) -> str:
    """A number that may be only the least: `10,000+`."""
    return f"{counted.count:,}" + ("" if counted.exact else "+")


@register.filter
def visible(text: str) -> str:
    """Without characters that turn the direction of what stands beside them, or cannot be seen."""
    return pretty_visible(text)


@register.filter
def shortened(text: str) -> str:
    """Long texts end with an ellipsis."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


@register.simple_tag
def once() -> SafeString:
    """In a form that makes something: sent twice, it makes that once."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_token())
