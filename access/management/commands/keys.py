"""`manage.py keys create|list|revoke`: for whoever has the database's password, and no key, or none any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.actions import keys
from access.actor import SYSTEM
from access.key_text import PREFIX
from access.management.rates import add_rate, rate_of
from access.models import Key, Project
from access.scopes import Role, Scope


class Command(BaseCommand):
    """The text of a new key is all that goes to standard output, so that a script can take it."""

    help = "Makes, lists and revokes keys. A service that is running knows of it within two seconds."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a key, and print its text")
        create.add_argument("--name", help="for people; default: the role")
        create.add_argument("--project", metavar="SLUG", help="default: a key of the whole installation")
        what = create.add_mutually_exclusive_group(required=True)
        what.add_argument("--role", choices=[role.value for role in Role])
        what.add_argument("--scope", action="append", choices=[scope.value for scope in Scope], dest="scopes")
        add_rate(create)
        verbs.add_parser("list", help="list all keys, without their texts")
        revoke = verbs.add_parser("revoke", help="let a key in no more")
        revoke.add_argument("id", help="the 12 characters between the first two underscores of its text")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002 (Django's signature)
        {"create": self._create, "list": self._list, "revoke": self._revoke}[verb](options)

    def _create(self, options: dict[str, Any]) -> None:
        granted = {"role": options["role"]} if options["role"] else {"scopes": sorted(set(options["scopes"]))}
        name = options["name"] or options["role"] or "scopes"
        fields = {"name": name, "rate": rate_of(options), **granted}
        key, text = keys.create(SYSTEM, keys.NewKey(_project(options["project"]), fields))
        self.stderr.write(f"{key} was made; this is its text, which is told this once:")
        self.stdout.write(text.text)

    def _list(self, _: dict[str, Any]) -> None:
        for key in Key.objects.select_related("project").order_by("number"):
            project = key.project.slug if key.project else "-"
            granted = key.role or ",".join(key.scopes)
            state = (
                "revoked" if key.revoked_at else f"until {key.expires_at:%F}" if key.expires_at else "active"
            )
            self.stdout.write(f"{PREFIX}{key.public_id}  {project}  {granted}  {state}  {key.name}")

    def _revoke(self, options: dict[str, Any]) -> None:
        try:
            key = keys.revoke(SYSTEM, options["id"].removeprefix(PREFIX))
        except keys.NoSuchKey:
            raise CommandError(f"there is no key {options['id']}; `manage.py keys list` lists them") from None
        self.stderr.write(f"{key} is revoked")


def _project(slug: str | None) -> Project | None:
    if slug is None:
        return None
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        raise CommandError(f"there is no project {slug}; `manage.py projects list` lists them")
    return project
