"""What somebody sees who may not read payloads: that something was done and how it went, not with what. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from access.actor import Actor
from access.scopes import Scope

Body = Any
_PAYLOADS = ("arguments", "result", "files")
_LISTS = ("results", "tasks")
_NESTED = ("task_schedule", "filter")


def are_hidden_from(actor: Actor) -> bool:
    """Whether this actor sees none."""
    return not actor.may(Scope.PAYLOADS_READ)


def shown_to(actor: Actor) -> Callable[[Body], Body]:
    """What makes of an answer's body what this actor may see of it."""
    return without_payloads if are_hidden_from(actor) else _same


def _same(body: Body) -> Body:
    return body


def without_payloads(body: Body) -> Body:
    """A body with null for arguments, results, files and the messages of errors and progress, alone or in a list."""
    if not isinstance(body, dict):
        return body
    hidden: dict[str, Any] = {**body, **{name: None for name in _PAYLOADS if name in body}}
    for name in ("error", "progress"):
        if name in body:
            hidden[name] = _without_text(body[name])
    for name in _LISTS:
        if isinstance(body.get(name), list):
            hidden[name] = [without_payloads(each) for each in body[name]]
    for name in _NESTED:
        if name in body:
            hidden[name] = without_payloads(body[name])
    return hidden


def _without_text(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return None
    return {**value, **{name: None for name in ("message", "traceback") if name in value}}
