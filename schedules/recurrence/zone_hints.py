"""What may have been meant by a name that is no time zone."""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice

from .zone_names import iana_name, zone_names

_LONGEST = 100
"""Of a longer name, nobody can say what was meant."""
_MOST = 3
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])([0-9]{1,2})(?::?([0-9]{2}))?", re.IGNORECASE)
_OFFSET_IN_BRACKETS = re.compile(r"\((?:UTC|GMT)[^)]*\)\s*", re.IGNORECASE)
_PHRASE = re.compile(r"(.*?)(?: (?:standard|daylight|summer))? time(?: \(.*\))?", re.IGNORECASE)
_ABBREVIATIONS = {
    "z": ("UTC",),
    "pst": ("America/Los_Angeles",),
    "pdt": ("America/Los_Angeles",),
    "pt": ("America/Los_Angeles",),
    "mdt": ("America/Denver",),
    "mt": ("America/Denver",),
    "cst": ("America/Chicago", "Asia/Shanghai"),
    "cdt": ("America/Chicago",),
    "ct": ("America/Chicago",),
    "edt": ("America/New_York",),
    "et": ("America/New_York",),
    "ast": ("America/Halifax", "Asia/Riyadh"),
    "adt": ("America/Halifax",),
    "nst": ("America/St_Johns",),
    "ndt": ("America/St_Johns",),
    "akst": ("America/Anchorage",),
    "akdt": ("America/Anchorage",),
    "brt": ("America/Sao_Paulo",),
    "art": ("America/Argentina/Buenos_Aires",),
    "bst": ("Europe/London",),
    "west": ("Europe/Lisbon",),
    "cest": ("Europe/Berlin", "Europe/Paris"),
    "mez": ("Europe/Berlin",),
    "mesz": ("Europe/Berlin",),
    "eest": ("Europe/Athens", "Europe/Helsinki"),
    "msk": ("Europe/Moscow",),
    "trt": ("Europe/Istanbul",),
    "sast": ("Africa/Johannesburg",),
    "wat": ("Africa/Lagos",),
    "cat": ("Africa/Maputo",),
    "eat": ("Africa/Nairobi",),
    "gst": ("Asia/Dubai",),
    "pkt": ("Asia/Karachi",),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "ict": ("Asia/Bangkok",),
    "wib": ("Asia/Jakarta",),
    "sgt": ("Asia/Singapore",),
    "hkt": ("Asia/Hong_Kong",),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "awst": ("Australia/Perth",),
    "acst": ("Australia/Adelaide",),
    "acdt": ("Australia/Adelaide",),
    "aest": ("Australia/Sydney", "Australia/Brisbane"),
    "aedt": ("Australia/Sydney",),
    "nzst": ("Pacific/Auckland",),
    "nzdt": ("Pacific/Auckland",),
}


def zone_hint(written: str) -> str:
    """How to mend a name that is no time zone: the names that are nearest, or what one looks like."""
    text = written.strip()
    offset = _OFFSET.fullmatch(text)
    if offset:
        return _about_offset(*offset.groups(default=""))
    found = list(islice(dict.fromkeys(_meant(text)), _MOST)) if len(text) <= _LONGEST else []
    if not found:
        return "expected one like Europe/Berlin or UTC"
    *most, last = found
    return f"did you mean {', '.join(most)} or {last}?" if most else f"did you mean {last}?"


def _about_offset(sign: str, hours: str, minutes: str) -> str:
    hint = "an offset does not say when clocks change: name a place, such as Europe/Berlin"
    inverted = f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}"
    fixed = "UTC" if not int(hours) else inverted
    return f"{hint}, or {fixed}, which is {sign}{hours} all year" if _is_fixed(fixed, minutes) else hint


def _is_fixed(name: str, minutes: str) -> bool:
    return name in zone_names() and not int(minutes or 0)


def _meant(text: str) -> Iterator[str]:
    """Names that may have been meant, the likeliest first; the first way to read it that finds any decides."""
    ways: tuple[Callable[[str], list[str]], ...] = (
        _otherwise_written,
        _abbreviated,
        _of_windows,
        _places,
        _near,
    )
    yield from next((found for way in ways if (found := way(text))), [])


def _otherwise_written(text: str) -> list[str]:
    known = _folded_names().get(_folded(text))
    return [known] if known else []


def _abbreviated(text: str) -> list[str]:
    return list(_ABBREVIATIONS.get(text.casefold(), ()))


def _of_windows(text: str) -> list[str]:
    """`Pacific Time`, `Pacific Daylight Time`: Windows says `Pacific Standard Time` for both."""
    phrase = _PHRASE.fullmatch(_OFFSET_IN_BRACKETS.sub("", text))
    known = phrase and iana_name(f"{phrase[1]} Standard Time")
    return [known] if known else []


def _places(text: str) -> list[str]:
    """`New York`, `Europe/New_York`, `Berlin, Germany`, `(UTC+01:00) Amsterdam, Berlin`."""
    named = [text, text.rpartition("/")[2], *re.split("[,;]", _OFFSET_IN_BRACKETS.sub("", text))]
    return [zone for name in named if (zone := _folded_places().get(_folded(name)))]


def _near(text: str) -> list[str]:
    """Names, or places alone, with a letter wrong."""
    known, cutoff = (_folded_names(), 0.85) if "/" in text else (_folded_places(), 0.8)
    return [known[name] for name in get_close_matches(_folded(text), known, n=_MOST, cutoff=cutoff)]


def _folded(text: str) -> str:
    """Without case, and without what stands between words."""
    return re.sub(r"[\s_.-]", "", text.casefold())


@lru_cache(maxsize=1)
def _folded_names() -> dict[str, str]:
    return {_folded(name): name for name in sorted(zone_names())}


@lru_cache(maxsize=1)
def _folded_places() -> dict[str, str]:
    """Each place by its own name; of several names for it, the one of its continent."""
    found = dict[str, str]()
    for name in sorted(zone_names(), key=lambda name: (name.split("/")[0] not in _REGIONS, len(name), name)):
        found.setdefault(_folded(name.rpartition("/")[2]), name)
    return found


_REGIONS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia"),
    *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
}
