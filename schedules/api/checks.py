"""`GET /health/checks/`: whether this installation is set up as it should be, and how to mend it where it is not."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from rest_framework.request import Request
from rest_framework.response import Response

from access.actions.projects import OfInstallation
from access.actor import Actor
from access.door import actor_of
from access.refusals import InstallationOnly
from access.scopes import Scope
from rest.input import Strict, read_query
from rest.openapi import Answer, Endpoint, Refusal, documented, shapes
from rest.openapi.shapes import Code, Text
from rest.views import View
from schedules.models import ZoneData
from tasks_api.database import fetch_one
from tasks_api.health.checks import judging
from tasks_api.health.checks.check import Check, carry_out
from tasks_api.health.checks.facts import Facts
from tasks_api.health.checks.found import Found
from tasks_api.health.checks.of_tasks import CHECKS as OF_TASKS

MOST_CHECKS = 100
MOST_COUNTED = 1_000

# Of each project by its index, so that schedules that are well cost nothing.
ERRORS_SQL = """
SELECT count(*) FROM (
    SELECT FROM project, LATERAL (
        SELECT FROM task_schedule WHERE project_id = project.id AND status = 'error' LIMIT %(most)s) AS errors
     LIMIT %(most)s) AS counted
"""


def _schedules(_: Facts) -> Found:
    row = fetch_one(ERRORS_SQL, {"most": MOST_COUNTED})
    return judging.schedules(int(row[0]) if row else 0, MOST_COUNTED)


def _time_zone_data(facts: Facts) -> Found:
    stored = ZoneData.objects.values_list("version", flat=True).first()
    nodes = {node.name: node.time_zone_data for node in facts.nodes}
    return judging.time_zone_data(facts.time_zone_data, stored, nodes, facts.database.now)


CHECKS = (*OF_TASKS, Check("schedules", _schedules), Check("time_zone_data", _time_zone_data))


def checks(actor: Actor) -> list[dict[str, Any]]:
    """What each check finds now, within about a second. Raises OfInstallation."""
    if actor.is_bound:
        raise OfInstallation
    return carry_out(CHECKS, Facts())


class CheckResult(BaseModel):
    """What one check found."""

    name: Annotated[Code, Field(description="Stays the same.")]
    status: Annotated[
        Literal["ok", "warn", "fail"],
        Field(description="`warn`: it will be a problem, or it could not be found out. `fail`: it is one."),
    ]
    detail: Annotated[Text, Field(description="What was found.")]
    how_to_mend: Annotated[Text | None, Field(description="What to do; null where all is well.")]


class CheckResults(BaseModel):
    """What every check found."""

    results: Annotated[list[CheckResult], Field(max_length=MOST_CHECKS)]


EXAMPLE = [
    {
        "name": "eviction",
        "status": "fail",
        "detail": "maxmemory-policy is allkeys-lru, so messages are dropped when memory is full",
        "how_to_mend": "Set `maxmemory-policy noeviction` in the broker's configuration; a full broker then refuses "
        "instead.",
    },
    {"name": "postgres_version", "status": "ok", "detail": "Postgres 18.1", "how_to_mend": None},
]
HEALTH_CHECKS = Endpoint(
    operation_id="health_checks",
    summary="Check how this installation is set up",
    scope=Scope.CHECKS_READ,
    description="Clocks, versions, connections, disk, the broker's settings, and what is set aside. Each check is on "
    "its own: one that fails costs itself. Within about a second. For keys of the installation.",
    answers={200: Answer("What each check found.", CheckResults, {"results": EXAMPLE})},
    refusals=(
        Refusal(
            "The scope `checks:read` is missing (`scope_missing`), or the key belongs to a project.",
            OfInstallation(),
            shapes.Forbidden,
        ),
    ),
)


class HealthChecks(View):
    """How this installation is set up."""

    refusals = {OfInstallation: InstallationOnly}

    @documented(HEALTH_CHECKS)
    def get(self, request: Request) -> Response:
        """What each check finds now."""
        read_query(Strict, request.query_params)
        return Response({"results": checks(actor_of(request))})
