"""`manage.py projects create|list`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.actions import projects
from access.actor import SYSTEM
from access.api.project_forms import ProjectBody
from access.management.rates import add_rate, rate_of
from access.models import Project
from rest.input import read_body
from rest.problems import InvalidInput


class Command(BaseCommand):
    """As `/projects/`, for whoever has the database's password."""

    help = "Makes and lists projects."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a project")
        create.add_argument("slug", help="its name in headers and paths: small letters, digits and -")
        create.add_argument("--name", help="for people; default: the slug")
        add_rate(create)
        verbs.add_parser("list", help="list all projects")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002 (Django's signature)
        if verb == "create":
            self._create(options["slug"], options["name"], rate_of(options))
            return
        for project in Project.objects.order_by("id"):
            self.stdout.write(f"{project.slug}  {project.status}  {project.name}")

    def _create(self, slug: str, name: str | None, rate: dict[str, int] | None) -> None:
        try:
            form = read_body(ProjectBody, {"slug": slug, "name": name})
            project = projects.create(SYSTEM, form.slug, {"name": form.name or form.slug, "rate": rate})
        except (InvalidInput, projects.SlugTaken) as error:
            raise CommandError(str(error)) from None
        self.stderr.write(f"the project {project.slug} was made")
