"""How the tests write rules and read instants."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from schedules.recurrence import RecurrenceError, Rule, RuleSpec, parse


def utc(text: str) -> datetime:
    """An ISO time, in UTC if it says no offset."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def rule(text: str, zone: str | None = None, **fields: object) -> Rule:
    """A rule from an rrule's text, or from cron when it holds no FREQ."""
    kind = "rrule" if "FREQ" in text.upper() else "cron"
    moments = {
        name: utc(value) if isinstance(value, str) and name.endswith("_at") else value
        for name, value in fields.items()
    }
    return parse(RuleSpec(**{kind: text, "timezone": zone, **moments}))  # type: ignore[arg-type] # names vary


def assert_refused(spec: RuleSpec, field: str, code: str, words: str = "") -> str:
    """A rule is refused for this field with this code, and in these words among others. Returns all of them."""
    with pytest.raises(RecurrenceError) as refusal:
        parse(spec)
    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert words in refusal.value.detail
    return refusal.value.detail


def local(found: Rule, count: int, after: str | None = None) -> list[str]:
    """The first instants, or those from a moment on, as the clock on the wall shows them, with offset."""
    moments = islice(found.all() if after is None else found.between(utc(after), utc("9999-12-01")), count)
    return [moment.astimezone(found.zone).strftime("%Y-%m-%d %H:%M:%S%z") for moment in moments]


def walls(found: Rule, count: int, after: str | None = None) -> list[str]:
    """The same without seconds and offset."""
    return [text[:16] for text in local(found, count, after)]
