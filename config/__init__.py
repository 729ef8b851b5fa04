"""Wiring: settings, URLs, Celery, WSGI and `manage.py up`. What the product does is in the other packages."""

from config.celery import app as celery_app

__all__ = ["VERSION", "celery_app"]

VERSION = "0.1.0"
