"""The time zone in which somebody reads times: a cookie that the page sets, from the browser's zone or a choice."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest

COOKIE = "punctual_zone"
UTC = ZoneInfo("UTC")


@cache
def zone_names() -> tuple[str, ...]:
    """All that there are to choose from, UTC first."""
    return (
        "UTC",
        *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")),
    )


@cache
def known() -> frozenset[str]:
    """Those that a cookie may name."""
    return frozenset(available_timezones())


def zone_of(request: HttpRequest) -> ZoneInfo:
    """What the cookie names; UTC, where it names none that there is."""
    name = request.COOKIES.get(COOKIE, "")
    return ZoneInfo(name) if name in known() else UTC
