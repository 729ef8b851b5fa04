from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    """Schedules: from a rule to its tasks."""

    name = "schedules"
    verbose_name = "Task schedules"
