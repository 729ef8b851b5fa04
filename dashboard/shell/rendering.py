"""Pages from templates: what stands around each, and a tag by which a page that is open learns of no change."""

import hashlib
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template

from access.actor import DEFAULT_PROJECT, ActorKind
from access.people.actors import projects_of
from access.scopes import Scope
from dashboard.shell.page import PAGE_HEADER, PageRequest
from dashboard.shell.pretty import visible
from dashboard.shell.sections import ROOT, sections_for
from dashboard.shell.strip import strip_of
from dashboard.shell.zones import zone_of
from rest.json import dump_line

CONTENT_ONLY, WHOLE = "dashboard/content.html", "dashboard/base.html"
TOAST_COOKIE = "punctual_toast"
"""What was done by the form before, for the next page alone."""
LONGEST_TOAST = 300
# What differs each time without being news: tokens of forms, and words of time, which the page keeps true.
_NO_NEWS = re.compile(rb'name="(?:csrfmiddlewaretoken|once)" value="\w+"|(?<=>)[^<>]*(?=</time>)')


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the API that does what a page shows, for its "as API call"."""

    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    method: str = "GET"
    body: Any = None
    file: str | None = None
    """Whose bytes are the body."""

    def curl(self, origin: str, project: str, *, with_key: bool) -> str:
        """The command, of several lines where it is long."""
        query = "?" + urlencode(self.query, doseq=True) if self.query else ""
        parts = ["curl" if self.method == "GET" else f"curl -X {self.method}"]
        parts.append(shlex.quote(origin + self.path + query))
        if with_key:
            parts.append('-H "Authorization: Bearer $PUNCTUAL_KEY"')
        if project != DEFAULT_PROJECT:
            parts.append(f"-H 'Punctual-Project: {project}'")
        if self.file is not None:
            parts.append("--data-binary " + shlex.quote(f"@{self.file}"))
        if self.body is not None:
            parts.append("-H 'Content-Type: application/json'")
            parts.append("-d " + shlex.quote(visible(dump_line(self.body).decode().strip())))
        return " \\\n  ".join(parts)


def render(
    request: PageRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = HTTPStatus.OK,
    call: Call | None = None,
) -> HttpResponse:
    """A page. `template` extends `layout`, so that htmx gets its content alone; `call` is told at its foot.

    A GET that names the page it has in `If-None-Match` is answered with 304 while nothing is new.
    """
    is_part = PAGE_HEADER in request.headers
    response = render_template(
        request, template, {**(context or {}), **_around(request, call, is_part=is_part)}, status=status
    )
    if request.method in ("GET", "HEAD") and status == HTTPStatus.OK:
        tag = _tag(response.content)
        if request.headers.get("If-None-Match") == tag:
            response = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
        response["ETag"] = tag
    if TOAST_COOKIE in request.COOKIES and not is_part:
        response.delete_cookie(TOAST_COOKIE, path=ROOT)
    response["Vary"] = f"Cookie, {PAGE_HEADER}"
    return response


def _around(request: PageRequest, call: Call | None, *, is_part: bool) -> dict[str, Any]:
    actor, place = request.actor, request.place
    known: dict[str, Any] = {
        "layout": CONTENT_ONLY if is_part else WHOLE,
        "actor": actor,
        "visitor": request.visitor,
        "place": place,
        "base": place.base,
        "here": request.get_full_path(),
        "zone": zone_of(request),
    }
    if is_part:
        return known
    return {
        **known,
        "sections": list(sections_for(actor)),
        "toast": unquote(request.COOKIES.get(TOAST_COOKIE, ""))[:LONGEST_TOAST],
        "projects": [] if request.visitor is None else projects_of(request.visitor.person),
        "strip": strip_of(actor) if actor.may(Scope.STATS_READ) else None,
        "call": call
        and call.curl(
            request.build_absolute_uri("/").rstrip("/"),
            actor.project,
            with_key=actor.kind != ActorKind.NOBODY,
        ),
    }


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(_NO_NEWS.sub(b"", content)).hexdigest()[:24]}"'


def see(request: PageRequest, path: str, toast: str = "") -> HttpResponse:
    """Leads on after a form that did something, to a page of the same project, which says what was done."""
    response = HttpResponseRedirect(request.place.base + path)
    response.status_code = HTTPStatus.SEE_OTHER
    if toast:
        response.set_cookie(
            TOAST_COOKIE, quote(toast), path=ROOT, max_age=60, samesite="Lax", secure=request.is_secure()
        )
    return response
