"""Paths of the pages: each section's, alone (the default project, or a person's first) and below a project."""

from collections.abc import Iterable
from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from dashboard.overview import urls as overview
from dashboard.shell import urls as shell

PACKAGES = (
    "tasks",
    "task",
    "schedules",
    "calendars",
    "forecast",
    "failures",
    "workers",
    "operations",
    "files",
    "keys",
    "people",
    "projects",
    "audit",
    "checks",
)
"""Each has `urlpatterns` in a module `urls`, with its path below `/ui/` in full, such as `tasks/<uuid:task_id>/`."""

PAGES: list[URLPattern | URLResolver] = [*overview.urlpatterns, *shell.urlpatterns]
for _package in PACKAGES:
    _found: Iterable[URLPattern | URLResolver] = import_module(f"dashboard.{_package}.urls").urlpatterns
    PAGES.extend(_found)

urlpatterns: list[URLPattern | URLResolver] = [*PAGES, path("projects/<slug:project>/", include(PAGES))]
