from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "examples.shop"

    def ready(self) -> None:
        """Listen to the models."""
        from examples.shop import signals  # noqa: F401
