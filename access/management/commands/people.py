"""`manage.py people`: who may log in, from the command line of the machine that the service runs on."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Mapping
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access.actions import people
from access.actions.first import NotTheFirst
from access.actions.people import Changes
from access.actor import SYSTEM
from access.models import Person, Project
from access.people.names import NoName, alike, read_name
from access.people.passwords import WeakPassword
from access.scopes import Role

NONE = "none"
ROLES = [*(role.value for role in Role), NONE]
REFUSED: dict[type[Exception], str] = {
    WeakPassword: "password",
    NoName: "name",
    people.NameTaken: "name",
    NotTheFirst: "role",
}


class Command(BaseCommand):
    """A thin front of `access.actions.people`."""

    help = "Makes, lists and changes the people who may log in. Passwords are asked for, or read, never given here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(
            dest="verb", required=True, metavar="create|list|password|role|deactivate|activate"
        )
        create = _verb(
            verbs, "create", "make a person; the first one closes the service to whoever has no key"
        )
        _role_options(create)
        _password_options(create)
        verbs.add_parser("list", help="everybody, with their roles")
        password = _verb(verbs, "password", "give somebody another password; ends all their sessions")
        _password_options(password)
        role = _verb(verbs, "role", "change what somebody may do")
        _role_options(role)
        _verb(verbs, "deactivate", "let somebody in no more; ends all their sessions")
        _verb(verbs, "activate", "let somebody in again")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002 (Django's signature)
        verbs: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
            "create": _create,
            "list": _list,
            "password": lambda given: _change(given, Changes(password=_password(given))),
            "role": lambda given: _change(given, _roles(given)),
            "deactivate": lambda given: _change(given, Changes({"is_active": False})),
            "activate": lambda given: _change(given, Changes({"is_active": True})),
        }
        try:
            self.stdout.write(verbs[verb](options))
        except (WeakPassword, NoName, people.NameTaken, NotTheFirst) as error:
            raise CommandError(f"{REFUSED[type(error)]} {error}") from None


def _verb(verbs: Any, name: str, help_text: str) -> ArgumentParser:
    parser: ArgumentParser = verbs.add_parser(name, help=help_text)
    parser.add_argument("name", help="what they log in with: a name or an address of mail")
    return parser


def _role_options(parser: ArgumentParser) -> None:
    parser.add_argument("--role", choices=ROLES, help="in all projects, and for what belongs to none")
    parser.add_argument(
        "--project", type=_project_role, action="append", default=[], metavar="SLUG=ROLE", help="in this one"
    )


def _password_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="read the password from there; without it, it is asked for",
    )


def _project_role(text: str) -> tuple[str, str]:
    slug, _, role = text.partition("=")
    if not slug or role not in ROLES:
        raise ArgumentTypeError(f"must be a project's slug, = and one of {', '.join(ROLES)}, got {text}")
    return slug, role


def _create(given: Mapping[str, Any]) -> str:
    name, changes = read_name(given["name"]), _roles(given)
    made = people.create(SYSTEM, name, Changes(changes.fields, changes.roles, _password(given)))
    return _line(made)


def _change(given: Mapping[str, Any], changes: Changes) -> str:
    person = Person.objects.filter(name=alike(given["name"])).first()
    if person is None:
        raise CommandError(f"there is nobody who is called {given['name']}")
    return _line(people.change(SYSTEM, person.pk, changes))


def _list(_: Mapping[str, Any]) -> str:
    return "\n".join(_line(person) for person in people.all_people().order_by("name")) or "nobody yet"


def _line(person: Person) -> str:
    roles = [f"{each.project.slug}={each.role}" for each in person.roles.all()]
    states = [] if person.is_active else ["deactivated"]
    return "  ".join([person.name, person.role or "-", *sorted(roles), *states])


def _roles(given: Mapping[str, Any]) -> Changes:
    fields = {} if given["role"] is None else {"role": _role(given["role"])}
    return Changes(fields, {_project(slug): _role(role) for slug, role in given["project"]})


def _role(text: str) -> str | None:
    return None if text == NONE else text


def _project(slug: str) -> Project:
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        raise CommandError(f"there is no project {slug}")
    return project


def _password(given: Mapping[str, Any]) -> str:
    """From the file that is named, the terminal, or whatever comes in."""
    if (file := given["password_file"]) is not None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"--password-file: {file} cannot be read: {error}") from None
        return str(text.removesuffix("\n").removesuffix("\r"))
    if not sys.stdin.isatty():
        return sys.stdin.readline().removesuffix("\n")
    password = getpass("Password: ")
    if getpass("Again: ") != password:
        raise CommandError("these are two different passwords")
    return password
