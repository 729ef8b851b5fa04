"""What a page may belong to: the entries of the navigation."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import is_valid_path

from access.actor import Actor
from access.scopes import Scope
from rest.guarding import ANY_ACTOR

ROOT = "/ui/"


class Section(NamedTuple):
    """One of them. `path` is below `/ui/`; `icon` is a name in `icons.svg`."""

    key: str
    title: str
    path: str
    icon: str
    scope: str = ANY_ACTOR
    of_installation: bool = False
    """Whether those who belong to a project are refused there, whatever they may do in it."""


SECTIONS = (
    Section("overview", "Overview", "", "gauge"),
    Section("tasks", "Tasks", "tasks/", "list-checks", Scope.TASKS_READ),
    Section("schedules", "Schedules", "schedules/", "calendar-clock", Scope.SCHEDULES_READ),
    Section("calendar", "Calendar", "calendar/", "calendar-days", Scope.SCHEDULES_READ),
    Section("forecast", "Forecast", "forecast/", "chart-column", Scope.SCHEDULES_READ),
    Section("failures", "Failures", "failures/", "triangle-alert", Scope.TASKS_READ),
    Section("workers", "Workers", "workers/", "server", Scope.WORKERS_READ),
    Section("operations", "Operations", "operations/", "square-function"),
    Section("files", "Files", "files/", "folder", Scope.FILES_READ),
    Section("keys", "Keys", "keys/", "key-round", Scope.KEYS_ADMIN),
    Section("people", "People", "people/", "users", Scope.PEOPLE_ADMIN, of_installation=True),
    Section("projects", "Projects", "projects/", "layers", Scope.PROJECTS_ADMIN),
    Section("audit", "Audit", "audit/", "scroll-text", Scope.AUDIT_READ),
    Section("checks", "Checks", "checks/", "stethoscope", Scope.CHECKS_READ, of_installation=True),
)


def sections_for(actor: Actor) -> Iterator[Section]:
    """Those that an actor may look at."""
    for section in SECTIONS:
        is_allowed = section.scope == ANY_ACTOR or actor.may(section.scope)
        is_allowed = is_allowed and not (section.of_installation and actor.is_bound)
        if is_allowed and is_valid_path(ROOT + section.path):
            yield section
