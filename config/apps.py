from django.apps import AppConfig, apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import module_has_submodule

from config.configuration import configuration_of, unknown_readers
from config.own_urls import places_that_are_taken
from operations import NotLoaded, load
from operations.configuration import configure

MODULE = "operations"


class WiringConfig(AppConfig):
    """What the operator decides reaches the packages that know no settings."""

    name = "config"

    def ready(self) -> None:
        """Find the operations of every app. Raises ImproperlyConfigured where something is to be mended."""
        configure(configuration_of(settings.ENVIRONMENT))
        try:
            load(modules_with_operations())
        except NotLoaded as error:
            raise ImproperlyConfigured(f"APPS: {error}{_how_to_mend(error)}") from error
        if problems := [*unknown_readers(settings.ENVIRONMENT), *places_that_are_taken()]:
            raise ImproperlyConfigured("\n".join(problems))


def _how_to_mend(error: NotLoaded) -> str:
    missing = isinstance(error.__cause__, ModuleNotFoundError)
    return "; name the package that has it in apps/requirements.txt" if missing else ""


def modules_with_operations() -> list[str]:
    """The module `operations` of each installed app that has one."""
    return [
        f"{app.name}.{MODULE}"
        for app in apps.get_app_configs()
        if app.module is not None and module_has_submodule(app.module, MODULE)
    ]
