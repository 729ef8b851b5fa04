"""Wiring: settings, URLs, Celery, WSGI and `manage.py up`. What the product does is in the other packages."""

from config.celery import app as celery_app
from values.version import VERSION

__all__ = ["VERSION", "celery_app"]
