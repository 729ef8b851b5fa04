from django.apps import AppConfig, apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import module_has_submodule

from operations import NotLoaded, load

MODULE = "operations"


class WiringConfig(AppConfig):
    """What the operator decides reaches the packages that know no settings."""

    name = "config"

    def ready(self) -> None:
        """Find the operations of every app. Raises ImproperlyConfigured where some cannot be loaded."""
        try:
            load(modules_with_operations())
        except NotLoaded as error:
            raise ImproperlyConfigured(f"APPS: {error}") from error


def modules_with_operations() -> list[str]:
    """The module `operations` of each installed app that has one."""
    return [
        f"{app.name}.{MODULE}"
        for app in apps.get_app_configs()
        if app.module is not None and module_has_submodule(app.module, MODULE)
    ]
