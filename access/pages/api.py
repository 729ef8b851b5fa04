"""`/ui/api/`: the API for the pages of somebody who has logged in, by the same views and guards.

The API itself never looks at a cookie. Here one counts, and so each change needs the token of a form, as pages have it,
in `X-CSRFToken`.
"""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from access.pages.page import public_page
from access.people.sessions import visitor_of
from access.refusals import LogInRequired
from rest.problems import NotFound, problem_response
from rest.views import View


def api(request: HttpRequest, rest: str, project: str | None = None) -> HttpResponseBase:
    """What the API answers at `/rest`, in this project or the one that `Punctual-Project` names."""
    # A token counts in the header alone. Whoever looked for one in a form would read a file that is on its way.
    request.POST = QueryDict()
    return _answer(request, rest, project)


@public_page
def _answer(request: HttpRequest, rest: str, project: str | None) -> HttpResponse:
    visitor = visitor_of(request)
    if visitor is None:
        return problem_response(LogInRequired())
    try:
        match = resolve(f"/{rest.removesuffix('/')}/")
    except Resolver404:
        match = None
    if match is None or not issubclass(getattr(match.func, "cls", object), View):
        return problem_response(NotFound("there is nothing of the API at this address"))
    request.visitor = visitor  # type: ignore[attr-defined]
    if project is not None:
        request.META["HTTP_PUNCTUAL_PROJECT"] = project
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response
