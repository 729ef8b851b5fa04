"""What every page for people begins with: who has logged in, what they may, and headers that let no other site in.

Sessions and cookies are looked at here, and at the door for what pages ask of the API: nowhere outside of `/ui/`.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_protect, requires_csrf_token

from access.door import admit
from access.people.actors import actor_of
from access.people.sessions import LOG_IN_PATH, PATH, Visitor, visitor_of
from access.scopes import Scope
from rest.guarding import ANY_ACTOR
from rest.problems import Problem, problem_response

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
NEXT = "next"

Rest = ParamSpec("Rest")
View = Callable[..., HttpResponseBase]


def page(
    scope: Scope | str = ANY_ACTOR,
) -> Callable[[Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]], View]:
    """A page for whoever has logged in and has this scope. Others are sent to log in, and come back.

    The view finds `request.visitor` and `request.actor`, the latter in the project that the path names as `project`.
    """

    def decorate(view: Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]) -> View:
        @public_page
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            visitor = visitor_of(request)
            if visitor is None:
                return to_log_in(request)
            try:
                actor = actor_of(visitor.person, kwargs.get("project"))
                admit(actor, scope)
            except Problem as problem:
                return problem_response(problem)
            request.visitor, request.actor = visitor, actor  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def public_page(view: View, *, reads_body: bool = False) -> View:
    """A page for everybody, with the headers and the protection of forms that all have.

    One that `reads_body` itself does what a form asks for only under `own_form`: to look for the token here would read
    all of it, before anybody knows who sends it.
    """
    protected, unread = csrf_protect(view), requires_csrf_token(view)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_unread = reads_body and request.method == "POST"
        if is_unread:
            request.POST = QueryDict()  # nothing is read for it
        response: HttpResponseBase = (unread if is_unread else protected)(request, *args, **kwargs)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response["Cache-Control"] = "no-store"
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response

    return answer


def own_form(
    request: HttpRequest, fields: QueryDict, do: Callable[[HttpRequest], HttpResponseBase]
) -> HttpResponseBase:
    """What `do` answers, where these fields of a form have the token of one of ours; else a refusal.

    The view finds the fields as `request.POST`.
    """
    request.POST = fields  # type: ignore[assignment] # as Django itself does
    response: HttpResponseBase = csrf_protect(do)(request)
    return response


def visitor_in(request: HttpRequest) -> Visitor:
    """Who has logged in, in a page that is not public."""
    visitor: Visitor = request.visitor  # type: ignore[attr-defined]
    return visitor


def own_path(text: str) -> str:
    """Where to go on: a path of these pages, whatever somebody has put there."""
    is_own = text.startswith(PATH) and url_has_allowed_host_and_scheme(text, allowed_hosts=None)
    return text if is_own and text.isprintable() else PATH


def to_log_in(request: HttpRequest) -> HttpResponse:
    """Leads to the form for that, and back again."""
    # What a form has sent is lost; the page that it was on is there again.
    here = request.get_full_path() if request.method in ("GET", "HEAD") else PATH
    query = "" if here == PATH else "?" + urlencode({NEXT: here})
    response = HttpResponseRedirect(LOG_IN_PATH + query)
    response.status_code = HTTPStatus.SEE_OTHER
    return response
