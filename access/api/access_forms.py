"""What comes in and goes out at `/access/`."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from django.http import QueryDict
from django.urls import Resolver404, resolve
from pydantic import Field

from access.actor import Actor
from access.door import admit
from access.refusals import KeyRestricted, refuse_restricted
from access.scopes import Scope
from rest.guarding import ANY_ACTOR, PUBLIC, endpoint_of
from rest.input import Strict
from rest.json import instant_text
from rest.openapi import Endpoint
from rest.problems import FieldError, InvalidInput, NotFound, Problem

MOST_ITEMS = 50
BRINGS_ABOUT = {Scope.TASKS_SUBMIT.value, Scope.SCHEDULES_WRITE.value}
OF_QUOTAS = ("quota", "limit", "used")
DEFAULT_PRIORITY = 5
OF_EXPRESSIONS = "calculate"
"""The operation for which an expression is short."""
_NAME = re.compile(r"[a-z][a-z0-9_.]*")


class CheckBody(Strict):
    """The body of `POST /access/check/`: a request, which is not carried out."""

    method: Annotated[
        Literal["GET", "POST", "PUT", "PATCH", "DELETE"], Field(description="In capital letters.")
    ]
    path: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2_000,
            pattern="^/",
            description="Such as `/tasks/`; with a query where that says how much would be done, such as "
            "`/tasks/retry/?status=FAILURE`.",
        ),
    ]
    body: Annotated[Any, Field(description="What would be sent. Default: nothing.")] = None


def represent(actor: Actor) -> dict[str, Any]:
    """An actor as it sees itself."""
    held = actor.restrictions
    return {
        "kind": actor.kind.value,
        "id": actor.id,
        "name": actor.name,
        "project": actor.project,
        "is_bound": actor.is_bound,
        "is_frozen": actor.is_frozen,
        "role": actor.role,
        "scopes": sorted(actor.scopes),
        "operations": None if held.operations is None else list(held.operations),
        "max_priority": held.max_priority,
        "networks": None if held.networks is None else list(held.networks),
        "pins": {name: json.loads(text) for name, text in held.pins},
        "expires_at": instant_text(held.expires_at),
        "rate": held.rate and {"limit": held.rate.limit, "window_seconds": held.rate.window_seconds},
    }


def judge(actor: Actor, form: CheckBody) -> dict[str, Any]:
    """Whether a request would be let through, as far as that is for its key to say. Raises NotFound."""
    endpoint, named = _endpoint_of(form)
    scope = endpoint.scope
    refusal = next(_refusals(actor, endpoint, form.body, named), None)
    told = {} if refusal is None else refusal.extra
    return {
        "allowed": refusal is None,
        "required_scope": None if scope in (PUBLIC, ANY_ACTOR) else scope,
        "problem": refusal and refusal.code,
        "detail": refusal and refusal.detail,
        "errors": told.get("errors", [])[:MOST_ITEMS],
        **{name: told.get(name) for name in OF_QUOTAS},
    }


def _endpoint_of(form: CheckBody) -> tuple[Endpoint, Mapping[str, Any]]:
    """What would answer, and what the path names, its query included. Raises NotFound."""
    path, _, query = form.path.partition("?")
    path = path if path.endswith("/") else f"{path}/"
    named: Mapping[str, Any] = {}
    try:
        match = resolve(unquote(path))
        view, named = getattr(match.func, "cls", None), {**match.kwargs, "query": QueryDict(query)}
    except Resolver404:
        view = None
    endpoint: Endpoint | None = endpoint_of(view, form.method)
    if endpoint is None:
        raise NotFound(f"there is no {form.method} {form.path[:200]} whose access could be checked")
    return endpoint, named


def _refusals(actor: Actor, endpoint: Endpoint, body: Any, named: Mapping[str, Any]) -> Iterator[Problem]:
    scope = endpoint.scope
    try:
        admit(actor, scope)
    except Problem as problem:
        yield problem
    if scope in BRINGS_ABOUT and (errors := list(_violations(actor, body))):
        yield KeyRestricted(errors)
    try:
        if endpoint.limits and actor.quotas:
            endpoint.limits(actor, body, named)
    except Problem as problem:
        yield problem


def _violations(actor: Actor, body: Any) -> Iterator[FieldError]:
    """Of a task, a schedule, or each item of a batch. What is wrong with them besides is not looked at."""
    if isinstance(body, list):
        for index, item in enumerate(body[:MOST_ITEMS]):
            yield from (error.below(index) for error in _violations(actor, item))
    elif isinstance(body, Mapping) and isinstance(body.get("operation"), str):
        arguments, priority = body.get("arguments"), body.get("priority")
        try:
            refuse_restricted(
                actor,
                body["operation"] if _NAME.fullmatch(body["operation"]) else OF_EXPRESSIONS,
                arguments if isinstance(arguments, Mapping) else {},
                priority if isinstance(priority, int) else DEFAULT_PRIORITY,
            )
        except InvalidInput as error:
            yield from error.errors
