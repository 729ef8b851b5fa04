"""`manage.py audit verify`: whether the audit log is what was written."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.audit import verifying
from access.audit.chain import Break
from access.audit.recording import INSTALLATION
from access.models import Project


class Command(BaseCommand):
    """Exit code 0: nothing was changed; 1: the first place of each chain at which something was."""

    help = (
        "Reads the audit log and its chains of hashes. `verify` prints `intact` and how many events there are, or the "
        "first break of each chain: an event that was edited, deleted, put in, or moved."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        verify = what.add_parser("verify", help="hold each event against its seal")
        verify.add_argument("--project", help="of this project alone, by its slug")

    def handle(self, *args: Any, project: str | None = None, **options: Any) -> None:  # noqa: ARG002 (Django's signature)
        slugs = dict(Project.objects.values_list("id", "slug"))
        names = {
            INSTALLATION: "the installation",
            **{number: f"project {slug}" for number, slug in slugs.items()},
        }
        chosen = verifying.projects() if project is None else [_project(project)]
        broken = [
            number for number in chosen if not self._verify(number, names.get(number, f"project {number}"))
        ]
        if broken:
            raise CommandError(f"{len(broken)} of {len(chosen)} chains are broken")
        self.stdout.write("intact")

    def _verify(self, project_id: int, name: str) -> bool:
        try:
            found = verifying.verify(project_id)
        except Break as error:
            self.stdout.write(f"{name}: BROKEN: {error}")
            return False
        self.stdout.write(
            f"{name}: {found.sealed:,} events sealed, {found.unsealed:,} to be sealed; the last one is number "
            f"{found.last_number}, {found.last_hash.hex()}"
        )
        return True


def _project(slug: str) -> int:
    found = Project.objects.filter(slug=slug).values_list("id", flat=True).first()
    if found is None:
        raise CommandError(f"there is no project {slug}")
    return found
