"""`/ui/failures/`: why tasks fail, and all of one reason run again."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.http import HttpResponse

from access.payloads import shown_to
from access.scopes import Scope
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render
from rest.json import instant_text
from schedules.models import TaskSchedule
from tasks_api.failures import MOST_LOOKED_AT, FailureGroup, failures
from tasks_api.roll_up.present import Counted

SHOWN = 50
SPANS = {
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
USUAL = "7d"


class Line(NamedTuple):
    """A group as it is shown: nothing in it that the actor may not see."""

    group: FailureGroup
    number: Counted
    message: str | None
    schedules: list[tuple[UUID, str]]
    share: float


@page(Scope.TASKS_READ, section="failures")
def failure_list(request: PageRequest) -> HttpResponse:
    """Those with the most tasks first."""
    actor = request.actor
    span = request.GET.get("span", USUAL)
    span = span if span in SPANS else USUAL
    since = datetime.now(UTC) - SPANS[span]
    found = failures(actor.project_id, since, limit=SHOWN)
    names = _names(found.groups, actor.project_id) if actor.may(Scope.SCHEDULES_READ) else {}
    most = max((group.count for group in found.groups), default=1)
    show = shown_to(actor)
    lines = [
        Line(
            group,
            Counted(group.count, exact=True),
            show({"error": group.error})["error"].get("message"),
            [(each, names[each]) for each in group.schedules if each in names],
            round(100 * group.count / most, 1),
        )
        for group in found.groups
    ]
    context = {
        "found": found,
        "lines": lines,
        "spans": [(name, name == span) for name in SPANS],
        "span": span,
        "most_looked_at": f"{MOST_LOOKED_AT:,}",
        "more": found.group_count - len(lines),
        "may_retry": actor.may(Scope.TASKS_RETRY),
    }
    call = Call("/failures/", {"since": instant_text(since.replace(second=0, microsecond=0))})
    return render(request, "dashboard/failures/list.html", context, call=call)


def _names(groups: list[FailureGroup], project_id: int) -> dict[UUID, str]:
    """Of the schedules that are still there."""
    ids = {each for group in groups for each in group.schedules}
    if not ids:
        return {}
    own = TaskSchedule.objects.filter(project_id=project_id, id__in=ids)
    return {each: name or str(each) for each, name in own.values_list("id", "name")}
