"""An event of the audit log, as a value, before it is written. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

MOST_CHARACTERS = 2_000
"""How long one value may be, as JSON, to be told."""
MOST_FIELDS = 50
LONGEST_TEXT = 300
"""Of names, reasons and headers that somebody else chose."""
ABSENT = object()
"""In place of a value that is not there."""

NOTHING: tuple[Any, ...] = (None, [], {}, "")

Changes = Mapping[str, Mapping[str, Any]]
"""By field: `before` and `after`. What was not there has no `before`, what is not there any more no `after`."""


class Action(StrEnum):
    """What was done."""

    KEY_CREATE = "key.create"
    KEY_UPDATE = "key.update"
    KEY_ROTATE = "key.rotate"
    KEY_REVOKE = "key.revoke"
    PERSON_CREATE = "person.create"
    PERSON_UPDATE = "person.update"
    PERSON_LOG_IN = "person.log_in"
    PROJECT_CREATE = "project.create"
    PROJECT_UPDATE = "project.update"
    SCHEDULE_CREATE = "schedule.create"
    SCHEDULE_UPDATE = "schedule.update"
    SCHEDULE_DELETE = "schedule.delete"
    SCHEDULE_PAUSE = "schedule.pause"
    SCHEDULE_RESUME = "schedule.resume"
    SCHEDULE_TRIGGER = "schedule.trigger"
    SCHEDULE_BACKFILL = "schedule.backfill"
    OCCURRENCE_OVERRIDE = "occurrence.override"
    OCCURRENCE_RESTORE = "occurrence.restore"
    TASK_UPDATE = "task.update"
    TASK_CANCEL = "task.cancel"
    TASK_RETRY = "task.retry"
    TASK_DELETE = "task.delete"
    FILE_CREATE = "file.create"
    FILE_UPDATE = "file.update"
    FILE_DELETE = "file.delete"
    WORKER_DRAIN = "worker.drain"
    BULK_ACTION_CANCEL = "bulk_action.cancel"
    ACCESS_REFUSE = "access.refuse"
    """Somebody was not let in, or might not do what he asked for."""


class Outcome(StrEnum):
    """What became of it."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Target:
    """What was changed: its type and its id; of many, the type alone."""

    type: str
    id: str | None = None


def target(kind: str, identity: object = None) -> Target:
    """A thing of some type by its id; None: many."""
    return Target(kind, None if identity is None else str(identity))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """What is different in `after`. Values that are objects are compared member by member: `arguments.url`."""
    old, new = _flat(before), _flat(after)
    return {
        name: _difference(old.get(name, ABSENT), new.get(name, ABSENT))
        for name in dict.fromkeys((*old, *new))
        if old.get(name, ABSENT) != new.get(name, ABSENT)
    }


def created(values: Mapping[str, Any]) -> Changes:
    """All that something new has."""
    return {name: {"after": value} for name, value in _flat(values).items() if value not in NOTHING}


def removed(values: Mapping[str, Any]) -> Changes:
    """All that something had that is gone."""
    return {name: {"before": value} for name, value in _flat(values).items() if value not in NOTHING}


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            flat |= {f"{name}.{inner}": member for inner, member in value.items()}
        else:
            flat[name] = value
    return flat


def _difference(before: Any, after: Any) -> dict[str, Any]:
    said = {"before": before, "after": after}
    return {name: value for name, value in said.items() if value is not ABSENT}


def bounded(changes: Changes) -> dict[str, dict[str, Any]]:
    """The changes as they are stored: not too many, and none too long."""
    told = {short(name): bounded_values(sides) for name, sides in list(changes.items())[:MOST_FIELDS]}
    if (left_out := len(changes) - MOST_FIELDS) > 0:
        told["..."] = {"after": f"({left_out} more fields)"}
    return told


def bounded_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same, none too long."""
    return {name: _bounded(value) for name, value in values.items()}


def _bounded(value: Any) -> Any:
    text = json.dumps(value, default=_plain)
    return json.loads(text) if len(text) <= MOST_CHARACTERS else f"({len(text):,} characters)"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if not isinstance(value, tuple | set | frozenset) else list(value)


def short(text: str) -> str:
    """A text that somebody else chose, as much of it as is told; NUL and half surrogates are none for Postgres."""
    clean = text[: LONGEST_TEXT + 1].encode("utf-8", "replace").decode().replace("\0", "�")
    return clean if len(clean) <= LONGEST_TEXT else clean[: LONGEST_TEXT - 1] + "…"
