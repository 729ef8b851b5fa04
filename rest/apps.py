from django.apps import AppConfig


class RestConfig(AppConfig):
    """The conventions of our HTTP interface, shared by all resources: they know nothing of tasks."""

    name = "rest"
