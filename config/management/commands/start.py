"""`manage.py start ROLE`: this process becomes the web server, a worker, a sweeper, beat or Flower."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.stack.commands import ROLES, command_for
from config.stack.ports import lasting_obstacle

PORTS = {"web": "PORT", "flower": "FLOWER_PORT"}
PATIENCE_SECONDS = 2


def _obstacle(setting: str) -> str | None:
    environment = settings.ENVIRONMENT
    return lasting_obstacle(setting, getattr(environment, setting), environment.HOST, PATIENCE_SECONDS)


class Command(BaseCommand):
    """Replaces this process, so that signals reach the role itself."""

    help = "Becomes one part of the service. The environment says the rest."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=ROLES)

    def handle(self, *args: Any, role: str, **options: Any) -> None:  # noqa: ARG002 (Django's signature)
        command = command_for(role, settings.ENVIRONMENT)
        if (setting := PORTS.get(role)) and (obstacle := _obstacle(setting)):
            sys.exit(f"punctual: {obstacle}")
        os.environ.update(command.environment)
        os.chdir(settings.BASE_DIR)
        os.execvp(command.argv[0], command.argv)  # noqa: S606 (our own command line)
