"""Names of time zones as people and calendars write them: IANA's, and those that stand for one of them.

The others are Windows's names, from CLDR's table as the package ``tzlocal`` has it, and IANA's behind the prefix of a
registry, as some calendars write them: ``/mozilla.org/20050126_1/Europe/Berlin``.
"""

from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from tzlocal.windows_tz import win_tz

from .errors import quoted

_WINDOWS = {
    name.casefold(): zone for name, zone in win_tz.items() if name != "UTC"
}  # that one is IANA's, too
_VENDORS = {"tzone://microsoft/utc": "UTC"}
_UTC = {"UTC", "UCT", "Etc/UTC", "Etc/UCT", "Universal", "Etc/Universal", "Zulu", "Etc/Zulu"}
_WITHOUT_SUMMER_TIME = {"EST": ("5 hours", "America/New_York"), "MST": ("7 hours", "America/Denver")}


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names of all IANA zones and links."""
    listing = (resources.files("tzdata") / "zones").read_text(encoding="ascii")
    return frozenset(listing.split()) - {"Factory"}


def iana_name(written: str) -> str | None:
    """The IANA zone that a name stands for; None if it is no name of one."""
    if written in zone_names():
        return written
    if written.startswith("/"):
        return _behind_prefix(written)
    folded = written.casefold()
    return _VENDORS.get(folded) or _WINDOWS.get(folded)


def _behind_prefix(written: str) -> str | None:
    parts = written.split("/")[-3:]  # no name of IANA's has more
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((tail for tail in tails if tail in zone_names()), None)


def is_utc(name: str) -> bool:
    """Whether an IANA zone is UTC itself."""
    return name in _UTC


def about_zone(written: str) -> Iterator[str]:
    """What may not have been meant by the name of a zone, as sentences."""
    name = iana_name(written)
    if name is None:
        return
    if name != written:
        yield f"the time zone {quoted(written)} is read as {name}"
    if name in _WITHOUT_SUMMER_TIME:
        behind, place = _WITHOUT_SUMMER_TIME[name]
        yield f"{name} is {behind} behind UTC all year, without summer time; with it: {place}"
    if name.startswith(("Etc/GMT+", "Etc/GMT-")) and int(name[8:]):
        hours, side = int(name[8:]), "behind" if name[7] == "+" else "ahead of"
        yield f"{name} is {hours} hour{'s' if hours > 1 else ''} {side} UTC: the sign of such names is inverted"
