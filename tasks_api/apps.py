from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from operations import NotLoaded, load


class TasksConfig(AppConfig):
    """Tasks: from the request to the result."""

    name = "tasks_api"
    verbose_name = "Tasks"

    def ready(self) -> None:
        """Raises ImproperlyConfigured where operations of one's own cannot be loaded."""
        try:
            load(settings.ENVIRONMENT.OPERATIONS)
        except NotLoaded as error:
            raise ImproperlyConfigured(f"OPERATIONS: {error}") from error
