"""What comes in and goes out at `/projects/`."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from access.api.rate_forms import RateForm, as_kept
from access.models import Project
from rest.input import Strict
from rest.json import instant_text
from rest.problems import FieldError, InvalidInput

MOST_OF_A_QUOTA = 2_000_000_000
RATE = "How often all may ask in it together. Default: PROJECT_RATE_LIMIT, if that is set."

Slug = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Count = Annotated[int, Field(ge=0, le=MOST_OF_A_QUOTA)]


class Quotas(Strict):
    """Limits of a project. `null`, or what is not named: no limit."""

    schedules: Annotated[Count | None, Field(description="How many task schedules it may have.")] = None
    waiting_tasks: Annotated[
        Count | None, Field(description="How many of its tasks may wait to be run at a time.")
    ] = None
    min_interval_seconds: Annotated[
        Annotated[int, Field(ge=1, le=366 * 86_400)] | None,
        Field(description="How far apart the instants of a rule must be, beyond MIN_INTERVAL_SECONDS."),
    ] = None
    tasks_per_day: Annotated[
        Count | None, Field(description="How many tasks may be created on one day, in UTC.")
    ] = None

    file_mebibytes: Annotated[
        Count | None, Field(description="How many MiB its files may have together.")
    ] = None

    @property
    def given(self) -> dict[str, int]:
        """Those that limit something."""
        return {name: value for name, value in self.model_dump().items() if value is not None}


class ProjectBody(Strict):
    """The body of `POST /projects/`."""

    slug: Annotated[Slug, Field(description="Its name in headers and paths. Never changes.")]
    name: Annotated[Name | None, Field(description="For people. Default: the slug.")] = None
    quotas: Annotated[Quotas | None, Field(description="Its limits. Default: none.")] = None
    rate: Annotated[RateForm | None, Field(description=RATE)] = None

    @property
    def columns(self) -> dict[str, Any]:
        """Of its row, besides the slug."""
        quotas = self.quotas.given if self.quotas else {}
        return {"name": self.name or self.slug, "quotas": quotas, "rate": as_kept(self.rate)}


class ProjectChanges(Strict):
    """The body of `PATCH /projects/{slug}/`. Omitted fields stay as they are."""

    @property
    def columns(self) -> dict[str, Any]:
        """What is changed but for quotas."""
        named = {"name": self.name, "status": self.status}
        rate = {"rate": as_kept(self.rate)} if "rate" in self.model_fields_set else {}
        return {name: value for name, value in named.items() if value is not None} | rate

    @property
    def changed_quotas(self) -> dict[str, int | None]:
        """The limits that are named; None takes one away."""
        if self.quotas is None:
            return {}
        return {name: getattr(self.quotas, name) for name in self.quotas.model_fields_set}

    name: Annotated[Name | None, Field(description="For people.")] = None
    status: Annotated[
        Literal["active", "frozen"] | None, Field(description="`frozen`: read-only through the API.")
    ] = None
    quotas: Annotated[
        Quotas | None, Field(description="Changes the limits that are named; `null` takes one away.")
    ] = None
    rate: Annotated[RateForm | None, Field(description=RATE)] = None


def represent(project: Project) -> dict[str, Any]:
    """A project as clients see it."""
    return {
        "slug": project.slug,
        "name": project.name,
        "status": project.status,
        "quotas": with_all_quotas(project.quotas),
        "rate": project.rate,
        "created_at": instant_text(project.created_at),
        "updated_at": instant_text(project.updated_at),
    }


def with_all_quotas(quotas: Mapping[str, int]) -> dict[str, int | None]:
    """Each limit by its name; null: none."""
    return {name: quotas.get(name) for name in Quotas.model_fields}


def project_named(slug: str) -> Project:
    """For a body that names one. Raises InvalidInput."""
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        detail = f"must be the slug of a project, got {slug}; GET /projects/ lists them"
        raise InvalidInput([FieldError(("project",), "unknown_project", detail)])
    return project
