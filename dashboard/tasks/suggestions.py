"""What the filter bar offers: the text that is there, with one more term."""

from access.actor import Actor
from access.scopes import Scope
from dashboard.tasks.filter_bar import Wanted, quoted
from operations import catalogue
from schedules.models import TaskSchedule
from tasks_api.lifecycle import Status

MOST_SCHEDULES = 30
EXAMPLES = ("priority:9", "tag:", "age>1h", "age<7d", "created>2026-01-01")
FREE_EXAMPLES = ("error:", "args.")


def suggestions(text: str, wanted: Wanted, actor: Actor) -> list[str]:
    """Each a whole text of the filter bar."""
    has = {term.name for term in wanted.terms}
    terms = [f"status:{status.value.lower()}" for status in Status]
    if "operation" not in has:
        terms += [f"operation:{operation.name}" for operation in catalogue.all()]
    if "schedule" not in has and actor.may(Scope.SCHEDULES_READ):
        terms += [f"schedule:{quoted(name)}" for name in _names(actor.project_id)]
    terms += [*EXAMPLES, *(FREE_EXAMPLES if actor.may(Scope.PAYLOADS_READ) else ())]
    before = f"{text.strip()} " if text.strip() else ""
    return [before + term for term in terms if term not in text.split()]


def _names(project_id: int) -> list[str]:
    """Of the newest schedules."""
    named = TaskSchedule.objects.filter(project_id=project_id, name__isnull=False)
    return [str(name) for name in named.order_by("-id").values_list("name", flat=True)[:MOST_SCHEDULES]]
