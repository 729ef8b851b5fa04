"""Making and changing projects."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from access import known
from access.actor import Actor
from access.audit.events import Action, created, differences, target
from access.audit.recording import INSTALLATION, record
from access.models import Project


class NoSuchProject(Exception):
    """There is none with this slug, as far as the actor can see."""

    def __init__(self) -> None:
        super().__init__("there is no project with this slug")


class SlugTaken(Exception):
    """There is one already."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"another project has the slug {slug}")


class OfInstallation(Exception):
    """Somebody who belongs to a project would make another, or change its limits."""

    def __init__(self) -> None:
        super().__init__("this needs a key of the installation, which belongs to no project")


def visible(actor: Actor) -> QuerySet[Project]:
    """The actor's own, or all."""
    rows = Project.objects.all()
    return rows.filter(id=actor.project_id) if actor.is_bound else rows


def find(actor: Actor, slug: str) -> Project:
    """Raises NoSuchProject."""
    project = visible(actor).filter(slug=slug).first()
    if project is None:
        raise NoSuchProject
    return project


def create(actor: Actor, slug: str, columns: Mapping[str, Any]) -> Project:
    """Raises SlugTaken, OfInstallation."""
    if actor.is_bound:
        raise OfInstallation
    try:
        with transaction.atomic():
            project = Project.objects.create(slug=slug, **columns)
            record(
                actor,
                Action.PROJECT_CREATE,
                target("project", slug),
                created(_told(project)),
                project_id=INSTALLATION,
            )
    except IntegrityError:
        raise SlugTaken(slug) from None
    known.forget()
    project.refresh_from_db()
    return project


def change(actor: Actor, slug: str, columns: Mapping[str, Any], quotas: Mapping[str, int | None]) -> Project:
    """Raises NoSuchProject, OfInstallation: limits are set from outside of what they limit."""
    with transaction.atomic():
        project = visible(actor).select_for_update().filter(slug=slug).first()
        if project is None:
            raise NoSuchProject
        if actor.is_bound and (quotas or columns.keys() & {"status", "rate"}):
            raise OfInstallation
        before = _told(project)
        merged = {**project.quotas, **quotas}
        project.quotas = {name: value for name, value in merged.items() if value is not None}
        for name, value in columns.items():
            setattr(project, name, value)
        project.updated_at = Now()
        project.save(update_fields=["quotas", "updated_at", *columns])
        if changes := differences(before, _told(project)):
            record(actor, Action.PROJECT_UPDATE, target("project", slug), changes, project_id=project.id)
    known.forget()
    project.refresh_from_db()
    return project


def _told(project: Project) -> dict[str, Any]:
    return {
        "name": project.name,
        "status": project.status,
        "quotas": dict(project.quotas),
        "rate": project.rate,
    }
