"""`/ui/tasks/`: the tasks of a project, by state and by what the filter bar says."""

from uuid import UUID

from django.http import HttpResponse, QueryDict

from access.scopes import Scope
from dashboard.shell.page import PageRequest, page
from dashboard.shell.rendering import Call, render
from dashboard.tasks import reading
from dashboard.tasks.filter_bar import LONGEST_TEXT, NAMES, quoted, without
from dashboard.tasks.suggestions import suggestions
from tasks_api.searching import MOST_LOOKED_AT

TEXT = "q"
ACTIONS = {"retry": Scope.TASKS_RETRY, "cancel": Scope.TASKS_CANCEL, "edit": Scope.TASKS_EDIT}


@page(Scope.TASKS_READ, section="tasks")
def task_list(request: PageRequest) -> HttpResponse:
    """Newest first, by pages."""
    actor, text = request.actor, text_in(request.GET)
    asked = reading.ask(text, actor)
    shown = reading.read_page(
        asked, actor, before=_id_in(request.GET, "before"), after=_id_in(request.GET, "after")
    )
    terms = asked.wanted.terms
    may = {name: actor.may(scope) for name, scope in ACTIONS.items()}
    context = {
        "asked": asked,
        "shown": shown,
        "rows": reading.rows_of(shown.tasks, actor),
        "tabs": reading.tabs(asked, actor),
        "chips": [(term, without(terms, term)) for term in terms],
        "suggestions": suggestions(text, asked.wanted, actor),
        "longest": LONGEST_TEXT,
        "most_looked_at": f"{MOST_LOOKED_AT:,}",
        "is_first": not request.GET.get("before") and not request.GET.get("after"),
        "sees_payloads": actor.may(Scope.PAYLOADS_READ),
        "may": may,
        "may_any": any(may.values()),
    }
    return render(
        request, "dashboard/tasks/list.html", context, call=Call("/tasks/", dict(asked.wanted.filter))
    )


def text_in(query: QueryDict) -> str:
    """The text of the filter bar, and whatever the address names besides, as the API would: `?status=FAILURE`."""
    named = [f"{name}:{quoted(value)}" for name in NAMES for value in query.getlist(name) if value]
    return " ".join([query.get(TEXT, "").strip(), *named]).strip()


def _id_in(query: QueryDict, name: str) -> UUID | None:
    try:
        return UUID(query.get(name, ""))
    except ValueError:
        return None
