"""The app."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Pages for people. It has no tables: all that it shows is the API's."""

    name = "dashboard"
