"""How pages change something: by the API's own views, in this process, for whoever has opened the page.

So whatever a page does is let through, checked, refused, worded and told to the audit log as if it had come over HTTP.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.urls import resolve

from access.actor import Actor
from dashboard.shell.once import key_of

_NOT_PASSED_ON = (
    "HTTP_COOKIE",
    "HTTP_AUTHORIZATION",
    "HTTP_X_API_KEY",
    "HTTP_IDEMPOTENCY_KEY",
    "HTTP_IF_MATCH",
    "HTTP_IF_NONE_MATCH",
    "HTTP_TRANSFER_ENCODING",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered. `errors`: of a problem, what is wrong by the names of fields; "" for the whole."""

    status: int
    body: Any = None
    errors: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def is_success(self) -> bool:
        """Whether it was carried out."""
        return self.status < 400

    @property
    def detail(self) -> str:
        """Of a problem, what happened."""
        return str(self.body.get("detail", "")) if isinstance(self.body, dict) else ""


def call(
    request: HttpRequest,
    actor: Actor,
    method: str,
    path: str,
    body: Any = None,
    *,
    query: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Answer:
    """What the API answers at `path` to whoever sent `request`, in the project of `actor`.

    Nothing in `path` is escaped. `version`: of the schedule that is meant; another is refused with 412.
    """
    match = resolve(path)
    response = match.func(
        _request(request, actor, method, path, body, query or {}, version), *match.args, **match.kwargs
    )
    if hasattr(response, "render"):
        response.render()
    told = json.loads(response.content) if response.content else None
    failed = response.status_code >= 400
    return Answer(response.status_code, told, _errors(told) if failed else {})


def _request(
    request: HttpRequest,
    actor: Actor,
    method: str,
    path: str,
    body: Any,
    query: Mapping[str, str],
    version: int | None,
) -> HttpRequest:
    raw = b"" if body is None else json.dumps(body).encode()
    kept = {name: value for name, value in request.META.items() if name not in _NOT_PASSED_ON}
    inner = WSGIRequest(
        {
            **kept,
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": urlencode(query),
            "CONTENT_TYPE": "application/json" if raw else "",
            "CONTENT_LENGTH": str(len(raw)),
            "HTTP_ACCEPT": "application/json",
            "HTTP_PUNCTUAL_PROJECT": actor.project,
            **({} if version is None else {"HTTP_IF_MATCH": f'"v{version}"'}),
            **({} if method != "POST" or (key := key_of(request)) is None else {"HTTP_IDEMPOTENCY_KEY": key}),
            "wsgi.input": BytesIO(raw),
        }
    )
    if (visitor := getattr(request, "visitor", None)) is not None:
        inner.visitor = visitor  # type: ignore[attr-defined]
    return inner


def _errors(problem: Any) -> dict[str, list[str]]:
    """By field: what lies deeper is told with where."""
    if not isinstance(problem, dict):
        return {"": ["this was refused"]}
    found: dict[str, list[str]] = {}
    for error in problem.get("errors", ()):
        place = error.get("pointer", "#/" + error.get("parameter", "")).removeprefix("#").removeprefix("/")
        name, _, deeper = place.partition("/")
        found.setdefault(name, []).append(f"{deeper}: {error['detail']}" if deeper else error["detail"])
    return found or {"": [str(problem.get("detail", ""))]}
