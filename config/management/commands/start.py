"""`manage.py start ROLE`: this process becomes the web server, a worker, a sweeper, beat or Flower."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.stack.commands import ROLES, command_for


class Command(BaseCommand):
    """Replaces this process, so that signals reach the role itself."""

    help = "Becomes one part of the service. The environment says the rest."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", choices=ROLES)

    def handle(self, *args: Any, role: str, **options: Any) -> None:  # noqa: ARG002 (Django's signature)
        command = command_for(role, settings.ENVIRONMENT)
        os.environ.update(command.environment)
        os.chdir(settings.BASE_DIR)
        os.execvp(command.argv[0], command.argv)  # noqa: S606 (our own command line)
