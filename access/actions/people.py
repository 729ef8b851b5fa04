"""Making and changing people, and their passwords. Nobody gives more than they have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from access import known
from access.actions.first import be_the_first, is_anybody_there, refuse_less_than_admin, take_turns
from access.actions.keys import GivesTooMuch
from access.actions.projects import OfInstallation
from access.actor import Actor, ActorKind
from access.audit.events import Action, created, differences, target
from access.audit.recording import INSTALLATION, record
from access.models import Person, PersonRole, Project, Session
from access.people.actors import scopes_of
from access.people.passwords import hashed
from access.restrictions import NO_RESTRICTIONS, excesses
from access.scopes import Role

Roles = Mapping[Project, str | None]


class NoSuchPerson(Exception):
    """There is none with this id or name."""

    def __init__(self) -> None:
        super().__init__("there is no such person")


class NameTaken(Exception):
    """Somebody else logs in with this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"must be a name that nobody has yet, got {name}")


class LastAdministrator(Exception):
    """Afterwards nobody could make people any more."""

    def __init__(self) -> None:
        super().__init__("this is the last active person with the role admin: give it to somebody else first")


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of a person. `role`: None takes it away."""

    fields: Mapping[str, object] = field(default_factory=dict)
    """Columns: `role`, `is_active`."""
    roles: Roles = field(default_factory=dict)
    """By project; None takes one away. Others stay."""
    password: str | None = None


def all_people() -> QuerySet[Person]:
    """With their roles."""
    return Person.objects.prefetch_related("roles__project")


def everybody(actor: Actor) -> QuerySet[Person]:
    """Raises OfInstallation."""
    _refuse_bound(actor)
    return all_people()


def find(actor: Actor, person_id: int) -> Person:
    """Raises NoSuchPerson. For whoever belongs to a project there is nobody."""
    person = None if actor.is_bound else all_people().filter(pk=person_id).first()
    if person is None:
        raise NoSuchPerson
    return person


def create(actor: Actor, name: str, changes: Changes) -> Person:
    """A new person. `name` is as `people.names` makes it.

    Raises GivesTooMuch, NotTheFirst, NameTaken, OfInstallation, WeakPassword, Unauthorized.
    """
    _refuse_bound(actor)
    password = hashed(name, changes.password) if changes.password is not None else "!"
    person = Person(name=name, password=password, **changes.fields)
    with transaction.atomic():
        if actor.kind == ActorKind.NOBODY:
            be_the_first(person.role, has_project=False)
        elif not is_anybody_there():
            refuse_less_than_admin(person.role, has_project=False)
        _refuse_too_much(actor, [person.role, *changes.roles.values()])
        try:
            with transaction.atomic():
                person.save(force_insert=True)
        except IntegrityError:
            raise NameTaken(name) from None
        _give_roles(person, changes.roles)
        on = target("person", person.pk)
        record(actor, Action.PERSON_CREATE, on, created(_told(person)), project_id=INSTALLATION)
    known.forget()
    return find(actor, person.pk)


def change(actor: Actor, person_id: int, changes: Changes) -> Person:
    """Sessions end where the password changes or the person is deactivated.

    Raises NoSuchPerson, GivesTooMuch, LastAdministrator, WeakPassword.
    """
    if actor.is_bound:
        raise NoSuchPerson
    with transaction.atomic():
        take_turns()
        person = Person.objects.select_for_update().filter(pk=person_id).first()
        if person is None:
            raise NoSuchPerson
        before = _told(person)
        given = dict(PersonRole.objects.filter(person=person).values_list("project_id", "role"))
        _refuse_too_much(actor, [person.role, *given.values()])
        was_administrator = person.role == Role.ADMIN and person.is_active
        for name, value in changes.fields.items():
            setattr(person, name, value)
        _refuse_too_much(actor, [person.role, *changes.roles.values()])
        if changes.password is not None:
            person.password = hashed(person.name, changes.password)
        person.save(update_fields=["role", "is_active", "password"])
        _give_roles(person, changes.roles)
        if was_administrator and actor.kind != ActorKind.SYSTEM and not _administrators().exists():
            raise LastAdministrator
        if changes.password is not None or not person.is_active:
            Session.objects.filter(person=person).delete()
        _record_update(actor, person, before, changes.password)
    return find(actor, person_id)


def set_own_password(actor: Actor, person: Person, password: str) -> Person:
    """Another password; all sessions of the person, who is the actor, end. Raises WeakPassword."""
    encoded = hashed(person.name, password)
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(password=encoded)
        Session.objects.filter(person=person).delete()
        told = _told(person)
        _record_update(actor, person, told, password)
    person.password = encoded
    return person


def _told(person: Person) -> dict[str, Any]:
    """What the audit log tells of a person: nothing of the password."""
    rows = PersonRole.objects.filter(person=person).order_by("project_id")
    roles = dict(rows.values_list("project__slug", "role"))
    return {"name": person.name, "role": person.role, "is_active": person.is_active, "roles": roles}


def _record_update(actor: Actor, person: Person, before: Mapping[str, Any], password: str | None) -> None:
    changes = dict(differences(before, _told(person)))
    if password is not None:
        changes["password"] = {"after": "(another)"}
    if changes:
        record(actor, Action.PERSON_UPDATE, target("person", person.pk), changes, project_id=INSTALLATION)


def _administrators() -> QuerySet[Person]:
    return Person.objects.filter(role=Role.ADMIN.value, is_active=True)


def _refuse_bound(actor: Actor) -> None:
    if actor.is_bound:
        raise OfInstallation


def _refuse_too_much(actor: Actor, roles: list[str | None]) -> None:
    """Neither may one give what one has not, nor become somebody who has more. Raises GivesTooMuch."""
    # People are held to nothing but their scopes.
    if held := [f"{field} {detail}" for field, detail in excesses(actor.restrictions, NO_RESTRICTIONS)]:
        raise GivesTooMuch([("role", f"must not be given with a key that is restricted: {held[0]}")])
    if missing := sorted({scope for role in roles for scope in scopes_of(role)} - actor.scopes):
        raise GivesTooMuch([("role", f"must not have what you have not: {', '.join(missing)}")])


def _give_roles(person: Person, roles: Roles) -> None:
    for project, role in roles.items():
        if role is None:
            PersonRole.objects.filter(person=person, project=project).delete()
        else:
            PersonRole.objects.update_or_create(person=person, project=project, defaults={"role": role})
