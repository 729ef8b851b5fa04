from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Projects, keys and people."""

    name = "access"
    default_auto_field = "django.db.models.BigAutoField"
