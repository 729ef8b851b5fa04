"""Who somebody is that has logged in, as an actor in one project."""

from dataclasses import replace
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from access.actor import Actor, ActorKind
from access.known import placed
from access.models import Person, PersonRole, Project
from access.refusals import unknown_project
from access.scopes import SCOPES_OF_ROLES

NO_SCOPES: frozenset[str] = frozenset()


def actor_of(person: Person, slug: str | None = None) -> Actor:
    """In the project of this name, or in the first of theirs. Raises InvalidInput.

    What is not theirs is as unknown to them as what is not there.
    """
    actor = Actor(
        ActorKind.PERSON,
        id=str(person.pk),
        name=person.name,
        role=person.role,
        scopes=scopes_of(person.role),
        is_bound=person.role is None,
    )
    mine = _projects_of(person)
    found = (mine if slug is None else mine.filter(slug=slug)).first()
    if found is not None:
        return _with_role(placed(actor, found), found.own_role)
    if slug is None and person.role is None:
        return actor
    raise unknown_project(str(slug))


def _projects_of(person: Person) -> QuerySet[Any]:
    """Those in which a person may do something, each with the role that they have there alone, `own_role`, or none."""
    own = PersonRole.objects.filter(person=person, project=OuterRef("pk")).values("role")
    rows = Project.objects.order_by("pk").annotate(own_role=Subquery(own))
    return rows if person.role else rows.filter(own_role__isnull=False)


def _with_role(actor: Actor, role: str | None) -> Actor:
    """With what else they may in this project: then they act as one of it, for it is true nowhere else."""
    more = scopes_of(role) - actor.scopes
    if not more:
        return actor
    return replace(actor, role=actor.role or role, scopes=actor.scopes | more, is_bound=True)


def scopes_of(role: str | None) -> frozenset[str]:
    """Of nobody's role, none."""
    return NO_SCOPES if role is None else SCOPES_OF_ROLES[role]


def projects_of(person: Person) -> list[tuple[Project, str]]:
    """Those in which a person may do something, and with what role."""
    return [(row, row.own_role or person.role or "") for row in _projects_of(person)]
