"""Records as text: a line for people, or a JSON object. Nobody's text can begin a line or move a terminal's cursor."""

import json
import logging
import os
import re
from datetime import UTC, datetime
from typing import Any

from log_lines.context import attempt_here, request_id
from log_lines.events import Event

PLAIN, JSON = "plain", "json"
OTHER = "log"
"""The event of a line that has none of ours: a library's, or an operation's."""
SHOWN = ("request_id", "task_id")
"""What stands at the end of a plain line."""
INDENT = "    "

_KEY = re.compile(r"(pct_[0-9A-Za-z]{12}_)[0-9A-Za-z]{8,}")
# Control characters, ends of lines, what turns the direction of text round, and halves of surrogate pairs.
_UNSAFE = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def formatter(form: str) -> logging.Formatter:
    """The one for a value of LOG_FORMAT."""
    return JsonFormatter() if form == JSON else PlainFormatter()


def formatter_of_environment() -> logging.Formatter:
    """For a process that does not read the settings."""
    return formatter(os.environ.get("LOG_FORMAT", ""))


class PlainFormatter(logging.Formatter):
    """`2026-01-05T09:00:00.000Z INFO a.logger sleep, attempt 1: success after 12.3 ms task_id=...`"""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and an indented one for each line of a traceback."""
        facts = _facts(record)
        shown = "".join(f" {name}={facts[name]}" for name in SHOWN if facts.get(name))
        line = f"{_time(record)} {record.levelname} {record.name} {record.getMessage()}{shown}"
        trace = _trace(self, record).splitlines() if _has_trace(record) else []
        return "\n".join([_safe(line), *(INDENT + _safe(each, keep="\t") for each in trace)])


class JsonFormatter(logging.Formatter):
    """One object: `ts`, `level`, `logger`, `event`, `message`, and what the line belongs to and tells."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        event = _event_of(record)
        line = {
            "ts": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "event": event.name if event else OTHER,
            "message": record.getMessage(),
            **_facts(record),
        }
        if _has_trace(record):
            line["traceback"] = _trace(self, record)
        return without_keys(json.dumps(line, default=str))


def _event_of(record: logging.LogRecord) -> Event | None:
    event = getattr(record, "event", None)
    return event if isinstance(event, Event) else None


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    facts = dict(attempt_here())
    if request := request_id.get():
        facts["request_id"] = request
    if event := _event_of(record):
        facts |= event.fields
    return facts


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _has_trace(record: logging.LogRecord) -> bool:
    return bool(record.exc_info or record.exc_text or record.stack_info)


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """Not kept in the record: other handlers have formatters of their own."""
    trace = record.exc_text or (formatter.formatException(record.exc_info) if record.exc_info else "")
    stack = formatter.formatStack(record.stack_info) if record.stack_info else ""
    return "\n".join(filter(None, [trace, stack]))


def _safe(text: str, keep: str = "") -> str:
    text = without_keys(text)
    return _UNSAFE.sub(lambda found: found[0] if found[0] in keep else _escaped(found[0]), text)


def without_keys(text: str) -> str:
    """The text with the secret part of each key of this service hidden, wherever it came from."""
    return _KEY.sub(r"\1…", text) if "pct_" in text else text


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
