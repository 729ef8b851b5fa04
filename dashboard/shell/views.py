"""The health strip alone, the choice of a time zone, and who somebody is."""

from http import HTTPStatus

from django.http import HttpResponse, HttpResponseRedirect

from access.pages.page import NEXT, own_path
from access.people.actors import projects_of
from access.scopes import Scope
from dashboard.shell import zones
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import render
from dashboard.shell.strip import strip_of
from rest.guarding import ANY_ACTOR

YEAR_SECONDS = 365 * 86_400


@page(Scope.STATS_READ, section="")
def strip(request: PageRequest) -> HttpResponse:
    """`/ui/strip/`: for pages that are open."""
    return render(request, "dashboard/strip.html", {"strip": strip_of(request.actor)})


@page(section="", post=ANY_ACTOR)
def zone(request: PageRequest) -> HttpResponse:
    """`/ui/zone/`: a cookie with the zone that was chosen."""
    name = request.POST.get("zone", "")
    response = HttpResponseRedirect(own_path(request.POST.get(NEXT, "")))
    response.status_code = HTTPStatus.SEE_OTHER
    if name in zones.known():
        response.set_cookie(
            zones.COOKIE, name, path="/ui/", max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure()
        )
    return response


@page(section="account")
def account(request: PageRequest) -> HttpResponse:
    """`/ui/account/`: who you are, and what you may."""
    person = request.visitor and request.visitor.person
    return render(
        request,
        "dashboard/account.html",
        {"person": person, "roles": projects_of(person) if person else []},
    )
