"""The pages of the operator's own apps: an app's module `urls` is served under its label, such as `/feedback/`."""

from collections.abc import Iterator

from django.apps import AppConfig, apps
from django.conf import settings
from django.urls import URLResolver, include, path
from django.utils.module_loading import module_has_submodule

MODULE = "urls"
TAKEN = {
    "access",
    "audit",
    "failures",
    "files",
    "health",
    "keys",
    "operations",
    "people",
    "problems",
    "projects",
    "redoc",
    "static",
    "stats",
    "swagger",
    "tasks",
    "ui",
    "workers",
}
"""What the service's own paths begin with, as far as it could be an app's label."""


def own_urls() -> list[URLResolver]:
    """The patterns of each of the APPS that has some."""
    return [path(f"{app.label}/", include(f"{app.name}.{MODULE}")) for app in _apps_with_urls()]


def places_that_are_taken() -> list[str]:
    """What is wrong with the labels of APPS, one line for each."""
    return [
        f"APPS: /{app.label}/ is taken, so {app.name} cannot have pages there: give its AppConfig another label"
        for app in _apps_with_urls()
        if app.label in TAKEN
    ]


def _apps_with_urls() -> Iterator[AppConfig]:
    # Django keeps the order of INSTALLED_APPS.
    for name, app in zip(settings.INSTALLED_APPS, apps.get_app_configs(), strict=True):
        if name in settings.ENVIRONMENT.APPS and app.module and module_has_submodule(app.module, MODULE):
            yield app
