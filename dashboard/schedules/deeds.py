"""What is done with a schedule by a small form: its fields, whom it is for, and the call of the API that it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from access.scopes import Scope
from dashboard.schedules import forms
from dashboard.schedules.calling import Answer, call
from dashboard.shell.page import PageRequest
from schedules.models import TaskSchedule

Body = Callable[[forms.Values], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Deed:
    """`name` is in its path, `title` what people choose, `done` what is said of it afterwards."""

    name: str
    title: str
    done: str
    scope: str
    said: str
    body: Body
    fields: tuple[str, ...] = ()
    method: str = "POST"
    is_dangerous: bool = False

    def path(self, schedule: TaskSchedule) -> str:
        """Of the API."""
        return f"/task-schedules/{schedule.id}/" + ("" if self.method == "DELETE" else f"{self.name}/")

    def carry_out(self, request: PageRequest, schedule: TaskSchedule, values: forms.Values) -> Answer:
        """Ask the API for it."""
        try:
            body = self.body({**values, "timezone": schedule.timezone})
        except forms.Unreadable as error:
            return Answer(422, {"detail": str(error)}, error.errors)
        query = {"cancel_waiting": "true"} if values.get("cancel_waiting") else {}
        return call(request, request.actor, self.method, self.path(schedule), body, query=query)


def _pause(values: forms.Values) -> dict[str, Any]:
    return forms.fields_of(values, ("reason", "until"))


def _resume(values: forms.Values) -> dict[str, Any]:
    return forms.fields_of(values, ("catch_up",))


def _nothing(_values: forms.Values) -> None:
    return None


PAUSE = Deed(
    "pause",
    "Pause",
    "Paused",
    Scope.SCHEDULES_PAUSE,
    "It makes no tasks until the pause ends. What falls into the pause is told in the ledger.",
    _pause,
    ("reason", "until"),
)
RESUME = Deed(
    "resume",
    "Resume",
    "Resumed",
    Scope.SCHEDULES_PAUSE,
    "It makes tasks again.",
    _resume,
    ("catch_up",),
)
TRIGGER = Deed(
    "trigger",
    "Run now",
    "Triggered",
    Scope.SCHEDULES_TRIGGER,
    "A task is created at once, besides those of the rule, whatever its status.",
    _nothing,
)
DELETE = Deed(
    "delete",
    "Delete",
    "Deleted",
    Scope.SCHEDULES_WRITE,
    "The schedule and its ledger are gone for good. Its tasks stay.",
    _nothing,
    ("cancel_waiting",),
    method="DELETE",
    is_dangerous=True,
)
SINGLE = (PAUSE, RESUME, TRIGGER, DELETE)
BULK = (PAUSE, RESUME, TRIGGER)


def filled(deed: Deed, sent: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the fields of a deed."""
    return {name: sent.get(name, "") for name in deed.fields}


def offered(deed: Deed, values: forms.Values) -> dict[str, Any]:
    """What its template gets."""
    return {"deed": deed, "values": values}
