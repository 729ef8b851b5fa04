from typing import Any

from django.apps import AppConfig, apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate


class TasksConfig(AppConfig):
    """Tasks: from the request to the result."""

    name = "tasks_api"
    verbose_name = "Tasks"

    def ready(self) -> None:
        """Let there be a window of each priority, in a new database and in one that was emptied."""
        post_migrate.connect(_make_windows, sender=self)


def _make_windows(apps: Apps = apps, **_: Any) -> None:
    from tasks_api import transitions

    try:
        apps.get_model("tasks_api", "DispatchWindow")
    except LookupError:  # it was migrated to before there were any
        return
    transitions.make_windows()
