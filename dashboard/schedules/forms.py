"""What the editor's form holds, as a body of the API, and the other way round. Pure.

What cannot be read is handed on as it was typed: the API says what it expected.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rest.json import JSONRefused, instant_text, load
from schedules.recurrence import EVERY

Values = Mapping[str, str]
KIND = "kind"
KINDS = {"every": EVERY, "cron": ("cron",), "rrule": ("rrule",), "once": ("run_at",)}
RULE = ("timezone", "starts_at", "ends_at", "dst_gap", "dst_fold")
_INSTANTS = ("run_at", "starts_at", "ends_at", "until", "from", "to")
_WHOLE = (
    *EVERY,
    "priority",
    "max_attempts",
    "schedule_x_times",
    "pause_after_failures",
)
_NUMBERS = (
    "timeout_seconds",
    "expires_after_seconds",
    "catchup_window_seconds",
    "jitter_seconds",
    "pace_seconds",
)
_TEXTS = (
    "name",
    "operation",
    "cron",
    "rrule",
    "timezone",
    "dst_gap",
    "dst_fold",
    "misfire_policy",
    "overlap_policy",
    "reason",
    "catch_up",
)
SCHEDULE = ("name", "operation", "priority", "max_attempts", "timeout_seconds", "schedule_x_times",
            "expires_after_seconds", "misfire_policy", "catchup_window_seconds", "overlap_policy", "jitter_seconds",
            "pause_after_failures")  # fmt: skip


class Unreadable(Exception):
    """A field that the API could not be asked about: `errors` by its name."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def body_of(values: Values) -> dict[str, Any]:
    """All that the editor says of a schedule. Raises Unreadable."""
    body = {**rule_of(values), **fields_of(values, SCHEDULE)}
    body["tags"] = [tag.strip() for tag in values.get("tags", "").split(",") if tag.strip()]
    if "arguments" in values:
        body["arguments"] = arguments_of(values["arguments"])
    return body


def rule_of(values: Values) -> dict[str, Any]:
    """The rule alone: only of the kind that is chosen; null where nothing was typed. Raises Unreadable."""
    chosen = KINDS.get(values.get(KIND, ""), ())
    others = [name for names in KINDS.values() for name in names if name not in chosen]
    return {**dict.fromkeys(others), **fields_of(values, (*chosen, *RULE))}


def given(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body without what is null, which stands for the default."""
    return {name: value for name, value in body.items() if value is not None}


def fields_of(values: Values, names: tuple[str, ...]) -> dict[str, Any]:
    """Some fields as the API takes them; null for what is empty. Raises Unreadable."""
    zone = zone_of(values.get("timezone", ""))
    return {name: _read(name, values.get(name, "").strip(), zone) for name in names}


def _read(name: str, text: str, zone: ZoneInfo) -> Any:
    if not text:
        return None
    if name in _INSTANTS:
        return _instant(name, text, zone)
    if name in _WHOLE:
        return int(text) if text.lstrip("-").isdigit() and len(text) < 20 else text
    return _number(text) if name in _NUMBERS else text


def _number(text: str) -> Any:
    try:
        return load(text.encode())
    except JSONRefused:
        return text


def _instant(name: str, text: str, zone: ZoneInfo) -> str:
    """A time by the clock on the wall in `zone`, or with an offset of its own, as RFC 3339 in UTC."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return text
    if local.tzinfo is not None:
        return text
    try:
        at = local.replace(tzinfo=zone).astimezone(UTC)
        back = at.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return text
    if back != local:
        raise Unreadable(
            {name: [f"does not exist in {zone.key}, where clocks skip it: {back:%H:%M} comes next"]}
        )
    return str(instant_text(at))


def arguments_of(text: str) -> Any:
    """What was typed as JSON. Raises Unreadable."""
    if not text.strip():
        return {}
    try:
        return load(text.encode("utf-8", "surrogatepass"))
    except JSONRefused as error:
        raise Unreadable({"arguments": [str(error)]}) from None


def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; UTC for what is none, which the API refuses."""
    try:
        return ZoneInfo(name.strip() or "UTC")
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def values_of(body: Mapping[str, Any], arguments: str | None) -> dict[str, str]:
    """What the form holds of a schedule as the API tells it; times by the clock on the wall in its zone."""
    zone = zone_of(str(body.get("timezone") or ""))
    values = {KIND: kind_of(body)}
    names = (*SCHEDULE, *RULE, *(name for names in KINDS.values() for name in names))
    for name in names:
        value = body.get(name)
        values[name] = "" if value is None else _wall(value, zone) if name in _INSTANTS else str(value)
    values["tags"] = ", ".join(body.get("tags") or ())
    if arguments is not None:
        values["arguments"] = arguments
    return values


def kind_of(body: Mapping[str, Any]) -> str:
    """Which kind of rule a body has; intervals, where it has none."""
    found = [kind for kind, names in KINDS.items() if any(body.get(name) is not None for name in names)]
    return found[0] if found else "every"


def _wall(text: str, zone: ZoneInfo) -> str:
    """As an input of the type `datetime-local` holds it; with its offset where clocks show that time twice."""
    local = datetime.fromisoformat(text).astimezone(zone)
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    return local.isoformat() if first != second else local.replace(tzinfo=None).isoformat()


def changes_of(body: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What an edit says that is not so already. A default that was spelled out is as good as left out."""
    return {name: value for name, value in body.items() if not _is_same(name, value, stored.get(name))}


_DEFAULTS = {"priority": 5, "timezone": "UTC", "dst_gap": "auto", "dst_fold": "auto", "misfire_policy": "run_last",
             "overlap_policy": "allow", "jitter_seconds": 0}  # fmt: skip


def _is_same(name: str, value: Any, stored: Any) -> bool:
    if value is None:
        return stored is None or stored == _DEFAULTS.get(name)
    if name in _INSTANTS and isinstance(value, str) and isinstance(stored, str):
        try:
            apart = datetime.fromisoformat(value) - datetime.fromisoformat(stored)
        except (ValueError, TypeError):
            return False
        return abs(apart) < timedelta(microseconds=1)
    return bool(value == stored) and type(value) is type(stored)


def json_text(value: Any) -> str:
    """JSON as people edit it."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
