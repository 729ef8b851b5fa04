"""`manage.py up`: everything that the service needs, on this machine, with one command."""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.stack.commands import refuse_open_flower
from config.stack.console import Console
from config.stack.data_folder import DataFolder
from config.stack.errors import StackError
from config.stack.up import Stack
from tasks_api.node.service_manager import ServiceManager


class Command(BaseCommand):
    """A thin front of `config.stack`."""

    help = (
        "Starts Postgres, Valkey, the web server, workers, sweeper, beat and Flower, and keeps them running. "
        "PORT, FLOWER_PORT, DATA_DIR, WORKERS, FLOWER=0, DATABASE_URL and CELERY_BROKER_URL are honoured."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 (Django's signature)
        # It speaks for none of its parts, and none of them for it.
        ServiceManager.of(os.environ)
        if settings.ENVIRONMENT.FLOWER:
            refuse_open_flower(settings.ENVIRONMENT)
        folder = DataFolder(Path(os.environ.get("DATA_DIR") or settings.BASE_DIR / ".punctual"))
        try:
            Stack(settings.BASE_DIR, folder, Console(sys.stdout)).run()
        except StackError as error:
            sys.exit(f"punctual: {error}")
