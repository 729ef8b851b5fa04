"""What every page begins with: who looks and in which project, what they may, and what is said to who may not.

A page is a view of a `PageRequest` under `@page(...)`. In open mode nobody has to log in, and the actor is the API's.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, wraps
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from access import door, known
from access.actor import Actor
from access.audit.refusals import note
from access.pages.page import public_page, to_log_in
from access.people.actors import actor_of
from access.people.sessions import LOG_IN_PATH, Visitor, visitor_of
from access.rates import limits
from dashboard.shell.refused import refused_page
from dashboard.shell.sections import ROOT
from rest.guarding import ANY_ACTOR
from rest.handlers import as_problem
from rest.places import ip_of
from rest.problems import Problem, problem_of
from rest.views import Refusals, refusal_of

Rest = ParamSpec("Rest")
View = Callable[..., HttpResponseBase]

FORESEEN = (
    Problem,
    Http404,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    OperationalError,
    InterfaceError,
)
NO_REFUSALS: Refusals = MappingProxyType({})
PAGE_HEADER = "HX-Request"
"""Sent by htmx: the content of a page is asked for, without what stands around it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is. `base` is what paths of pages of the same project begin with; `section` one of `SECTIONS`."""

    section: str
    base: str = ROOT


class PageRequest(HttpRequest):
    """A request of somebody who may see the page. `visitor` is None in open mode."""

    actor: Actor
    visitor: Visitor | None
    place: Place


def page(
    scope: str = ANY_ACTOR,
    *,
    section: str,
    post: str | None = None,
    refusals: Refusals = NO_REFUSALS,
    reads_body: bool = False,
) -> Callable[[Callable[Concatenate[PageRequest, Rest], HttpResponseBase]], View]:
    """A page for whoever has this scope, and `post`, where given, for what its forms send.

    `refusals` says what exceptions of the view are to who looks, as those of the API's views do. The view gets
    `request.actor`, in the project that the path names, and is called without `project`. One that `reads_body` of
    its forms itself does what they ask for under `own_form`.
    """

    caught: tuple[type[Exception], ...] = (*FORESEEN, *refusals)

    def decorate(view: Callable[Concatenate[PageRequest, Rest], HttpResponseBase]) -> View:
        @partial(public_page, reads_body=reads_body)
        @wraps(view)
        def guarded(
            request: HttpRequest, *args: Any, project: str | None = None, **kwargs: Any
        ) -> HttpResponseBase:
            asked = cast("PageRequest", request)
            base = ROOT if project is None else f"{ROOT}projects/{project}/"
            asked.place = Place(section, base)
            try:
                _enter(asked, project)
                if request.method in ("GET", "HEAD"):
                    door.admit(asked.actor, scope)
                else:
                    limits.charge(request, asked.actor)
                    door.admit(asked.actor, _posting(request.method, post))
                return cast("View", view)(asked, *args, **kwargs)
            except _LogInFirst:
                return _to_log_in(request)
            except caught as error:
                return _refuse(asked, as_problem(refusal_of(error, refusals)))

        return guarded

    return decorate


class _LogInFirst(Exception):
    """Nobody knows who this is."""


def _enter(request: PageRequest, project: str | None) -> None:
    """Find out who looks. Raises _LogInFirst, and problems."""
    request.visitor = visitor_of(request)
    if request.visitor is not None:
        actor = actor_of(request.visitor.person, project)
    elif known.is_open():
        actor = door.in_project(door.nobody(), project)
    else:
        raise _LogInFirst
    address = ip_of(request.META, behind_proxy=settings.ENVIRONMENT.TRUST_PROXY)
    request.actor = replace(actor, address=address, user_agent=request.headers.get("User-Agent"))


def _posting(method: str | None, scope: str | None) -> str:
    if method != "POST" or scope is None:
        raise problem_of(
            HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", f"this page does not take {method}"
        )
    return scope


def _to_log_in(request: HttpRequest) -> HttpResponse:
    if PAGE_HEADER not in request.headers:
        return to_log_in(request)
    # A part of a page that is open: all of it goes to the form.
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": LOG_IN_PATH})


def _refuse(request: PageRequest, problem: Problem) -> HttpResponse:
    actor = getattr(request, "actor", None)
    if problem.status in (401, 403, 429):
        note(problem, request, actor)
    return refused_page(request, problem)
