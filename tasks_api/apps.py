from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Tasks: from the request to the result."""

    name = "tasks_api"
    verbose_name = "Tasks"
