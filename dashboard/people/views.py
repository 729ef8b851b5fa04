"""`/ui/people/`: who may log in, and what they may do."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, QueryDict
from rest_framework.request import Request

from access.actions import people
from access.actions.projects import visible
from access.actor import ActorKind
from access.api import people_forms as forms
from access.api.numbered import PageQuery, numbered_page
from access.api.people_views import PersonId
from access.api.refusals import PeopleView
from access.models import Person
from access.scopes import Role, Scope
from dashboard.shell.moments import moment
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render, see
from dashboard.shell.sent import WrongForm, sending
from rest.input import read_query

NONE = "none"
"""Instead of a role: it is taken away."""
MOST_PROJECTS = 200
NEW = ("name", "password", "role", "roles")
CHANGES = ("password", "role", "roles", "is_active")


def _shown(person: Person) -> dict[str, Any]:
    told = forms.represent(person)
    return {**told, "last_login_at": moment(told["last_login_at"]), "created_at": moment(told["created_at"])}


@page(Scope.PEOPLE_ADMIN, section="people", refusals=PeopleView.refusals)
def people_page(request: PageRequest) -> HttpResponse:
    """`/ui/people/`: newest first."""
    query = read_query(PageQuery, request.GET)
    found = numbered_page(Request(request), people.everybody(request.actor), _shown, query).data
    return render(request, "dashboard/people/list.html", {"found": found}, call=Call("/people/"))


@page(Scope.PEOPLE_ADMIN, section="people", post=Scope.PEOPLE_ADMIN, refusals=PeopleView.refusals)
def new_person(request: PageRequest) -> HttpResponse:
    """`/ui/people/new/`."""
    people.everybody(request.actor)  # for whoever belongs to a project, there is no form either
    if request.method != "POST":
        return _form(request)
    body = {**_roles(request.POST), "name": request.POST.get("name", "")}
    body["password"] = request.POST.get("password", "")
    try:
        person = sending(
            lambda: people.create(request.actor, *forms.new_person_of(body)), PeopleView.refusals, NEW
        )
    except WrongForm as wrong:
        return _form(request, wrong)
    # Whoever has made the first one is known no more: they log in as that.
    return see(request, f"people/{person.pk}/", f"{person.name} can log in now.")


def _form(request: PageRequest, wrong: WrongForm | None = None) -> HttpResponse:
    context = {
        **_choices(request),
        "is_first": request.actor.kind == ActorKind.NOBODY,
        "errors": {} if wrong is None else wrong.errors,
        "given": request.POST,
    }
    status = HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY
    call = Call("/people/", method="POST", body={"name": "ada", "password": "…", "role": "viewer"})
    return render(request, "dashboard/people/new.html", context, status=status, call=call)


@page(Scope.PEOPLE_ADMIN, section="people", post=Scope.PEOPLE_ADMIN, refusals=PeopleView.refusals)
def person_page(request: PageRequest, person_id: PersonId) -> HttpResponse:
    """`/ui/people/{id}/`. Each of its forms sends a part of what can be changed."""
    if request.method != "POST":
        return _person(request, person_id)
    try:
        changed = sending(
            lambda: people.change(request.actor, person_id, forms.changes_of(_changes(request.POST))),
            PeopleView.refusals,
            CHANGES,
        )
    except WrongForm as wrong:
        return _person(request, person_id, wrong)
    return see(request, f"people/{person_id}/", f"{changed.name} is changed.")


def _person(request: PageRequest, person_id: PersonId, wrong: WrongForm | None = None) -> HttpResponse:
    context = {
        **_choices(request),
        "person": _shown(people.find(request.actor, person_id)),
        "errors": {} if wrong is None else wrong.errors,
    }
    status = HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(
        request, "dashboard/people/person.html", context, status=status, call=Call(f"/people/{person_id}/")
    )


def _choices(request: PageRequest) -> dict[str, Any]:
    return {
        "roles": [role.value for role in Role],
        "none": NONE,
        "all_projects": list(visible(request.actor).order_by("slug")[:MOST_PROJECTS]),
    }


def _roles(form: QueryDict) -> dict[str, Any]:
    """The role, and one role in a project, as far as a form has them."""
    body: dict[str, Any] = {}
    if role := form.get("role"):
        body["role"] = _role(role)
    if (slug := form.get("project")) and (role := form.get("project_role")):
        body["roles"] = {slug: _role(role)}
    return body


def _role(text: str) -> str | None:
    return None if text == NONE else text


def _changes(form: QueryDict) -> dict[str, Any]:
    body = _roles(form)
    if "is_active" in form:
        body["is_active"] = form["is_active"] == "true"
    if "password" in form:
        body["password"] = form["password"]
    return body
