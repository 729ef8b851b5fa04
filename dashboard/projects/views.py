"""`/ui/projects/`: who shares this installation without seeing each other, and how much each may have."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from access.actions import projects
from access.api import project_forms as forms
from access.api.numbered import PageQuery, numbered_page
from access.api.refusals import ProjectView
from access.models import Project
from access.scopes import Scope
from dashboard.projects.sent import FIELDS, HINTS, QUOTAS, changes_of, label_of, new_body, rate_of
from dashboard.shell.moments import moment
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render, see
from dashboard.shell.sent import WrongForm, sending
from rest.input import read_body, read_query


def _shown(project: Project) -> dict[str, Any]:
    told = forms.represent(project)
    times = {name: moment(told[name]) for name in ("created_at", "updated_at")}
    limits = [(label_of(name), value) for name, value in told["quotas"].items() if value is not None]
    return {**told, **times, "limits": limits}


@page(Scope.PROJECTS_ADMIN, section="projects", post=Scope.PROJECTS_ADMIN, refusals=ProjectView.refusals)
def project_list(request: PageRequest) -> HttpResponse:
    """`/ui/projects/`: newest first, and a form that makes one."""
    if request.method != "POST":
        return _list(request)
    try:
        made = sending(lambda: _create(request), ProjectView.refusals, FIELDS)
    except WrongForm as wrong:
        return _list(request, wrong)
    return see(request, f"projects/{made.slug}/settings/", f"{made.name} is made.")


def _create(request: PageRequest) -> Project:
    form = read_body(forms.ProjectBody, new_body(request.POST))
    return projects.create(request.actor, form.slug, form.columns)


def _list(request: PageRequest, wrong: WrongForm | None = None) -> HttpResponse:
    query = read_query(PageQuery, request.GET)
    found = numbered_page(Request(request), projects.visible(request.actor), _shown, query).data
    context = {
        "found": found,
        "may_make": not request.actor.is_bound,
        "errors": {} if wrong is None else wrong.errors,
        "given": request.POST,
    }
    return render(
        request, "dashboard/projects/list.html", context, status=_status(wrong), call=Call("/projects/")
    )


@page(Scope.PROJECTS_ADMIN, section="projects", post=Scope.PROJECTS_ADMIN, refusals=ProjectView.refusals)
def project_page(request: PageRequest, slug: str) -> HttpResponse:
    """`/ui/projects/{slug}/settings/`. Each of its forms sends a part of what can be changed."""
    if request.method != "POST":
        return _project(request, slug)
    try:
        changed = sending(lambda: _change(request, slug), ProjectView.refusals, FIELDS)
    except WrongForm as wrong:
        return _project(request, slug, wrong)
    return see(request, f"projects/{slug}/settings/", f"{changed.name} is changed.")


def _change(request: PageRequest, slug: str) -> Project:
    form = read_body(forms.ProjectChanges, changes_of(request.POST))
    return projects.change(request.actor, slug, form.columns, form.changed_quotas)


def _project(request: PageRequest, slug: str, wrong: WrongForm | None = None) -> HttpResponse:
    project = _shown(projects.find(request.actor, slug))
    context = {
        "project": project,
        "quotas": [
            (name, label_of(name), HINTS[name], request.POST.get(name, "" if value is None else value))
            for name, value in ((name, project["quotas"][name]) for name in QUOTAS)
        ],
        **{name: request.POST.get(name, text) for name, text in rate_of(project).items()},
        "called": request.POST.get("name", project["name"]),
        "may_limit": not request.actor.is_bound,
        "target": f"project:{slug}",
        "errors": {} if wrong is None else wrong.errors,
    }
    call = Call(f"/projects/{slug}/", method="PATCH", body={"quotas": {"waiting_tasks": 10_000}})
    return render(request, "dashboard/projects/project.html", context, status=_status(wrong), call=call)


def _status(wrong: WrongForm | None) -> int:
    return HTTPStatus.OK if wrong is None else HTTPStatus.UNPROCESSABLE_ENTITY
