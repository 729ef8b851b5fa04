"""What the OpenAPI document says of `/projects/`."""

from datetime import UTC, datetime

from access.actions.projects import NoSuchProject, OfInstallation, SlugTaken
from access.api import answers
from access.api.numbered import PageQuery
from access.api.project_forms import ProjectBody, ProjectChanges, represent
from access.models import Project
from access.scopes import Scope
from rest.openapi import Answer, Endpoint, Refusal, RequestBody, one_page, shapes

MADE_AT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
A_PROJECT = represent(
    Project(
        slug="acme",
        name="Acme",
        quotas={"schedules": 100},
        rate={"limit": 3000, "window_seconds": 60},
        created_at=MADE_AT,
        updated_at=MADE_AT,
    )
)
SLUG = {"slug": "The slug of the project."}
NO_PROJECT = Refusal("There is no such project.", NoSuchProject())
OUTSIDE = Refusal(
    "The scope `projects:admin` is missing (`scope_missing`), or the key belongs to a project.",
    OfInstallation(),
    shapes.Forbidden,
)

LIST_PROJECTS = Endpoint(
    summary="List projects, newest first",
    scope=Scope.PROJECTS_ADMIN,
    description="One page of all projects; a key of a project sees that one.",
    query=PageQuery,
    answers=one_page(answers.ProjectPage, [A_PROJECT]),
)
CREATE_PROJECT = Endpoint(
    summary="Create a project",
    scope=Scope.PROJECTS_ADMIN,
    description="For keys of the installation. A project is never deleted; it can be frozen.",
    body=RequestBody(
        ProjectBody,
        {
            "for a team": {"slug": "acme", "name": "Acme"},
            "with limits": {
                "slug": "lab",
                "quotas": {"schedules": 100},
                "rate": {"limit": 3000, "window_seconds": 60},
            },
        },
    ),
    answers={201: Answer("The new project.", answers.Project, A_PROJECT, ("Location",))},
    refusals=(OUTSIDE, Refusal("Another project has this slug.", SlugTaken("acme"))),
)
GET_PROJECT = Endpoint(
    operation_id="get_project",
    summary="Read a project",
    scope=Scope.PROJECTS_ADMIN,
    path=SLUG,
    answers={200: Answer("The project.", answers.Project, A_PROJECT)},
    refusals=(NO_PROJECT,),
)
CHANGE_PROJECT = Endpoint(
    operation_id="change_project",
    summary="Change or freeze a project",
    scope=Scope.PROJECTS_ADMIN,
    description="`frozen` makes it read-only through the API, in every process within two seconds; its schedules and "
    "waiting tasks go on. Status and limits are for keys of the installation.",
    path=SLUG,
    body=RequestBody(
        ProjectChanges,
        {
            "another name": {"name": "Acme Ltd"},
            "read-only": {"status": "frozen"},
            "no limit": {"quotas": {"schedules": None}},
        },
        required=False,
    ),
    answers={200: Answer("The project as it is now.", answers.Project, A_PROJECT)},
    refusals=(NO_PROJECT, OUTSIDE),
)
