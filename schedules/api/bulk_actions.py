"""The forms of `/bulk-actions/`: what comes in, what goes out."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from access.actor import Actor
from access.door import admit
from access.refusals import refuse_many
from access.scopes import Scope
from rest.input import Instant, Strict, read_body
from rest.json import instant_text
from rest.problems import FieldError, InvalidInput
from schedules.actions.bulk import KINDS
from schedules.actions.pausing import CatchUp
from tasks_api.api.quotas import refuse_tasks
from tasks_api.api.template import Priority
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.bulk_actions import beginning
from tasks_api.bulk_actions.beginning import as_stored
from tasks_api.bulk_actions.kinds import MOST_COUNTED, Counted, Kind

ActionName = Literal["retry", "cancel", "set_priority", "pause", "resume", "trigger"]
OWN_FIELDS = ("action", "filter", "dry_run")


class BulkActionBody(Strict):
    """The body of `POST /bulk-actions/`."""

    action: Annotated[
        ActionName,
        Field(
            description="What is done: `retry`, `cancel` or `set_priority` to tasks, `pause`, `resume` or `trigger` to "
            "task schedules."
        ),
    ]
    filter: Annotated[
        dict[str, Any],
        Field(
            description="To which ones: at least one of the query parameters of `GET /tasks/` or "
            "`GET /task-schedules/`, but `limit` and `cursor`. `status` is a list. Of tasks also `arguments`, an "
            "object with texts by paths such as `customer.id`, and `error`, a list of texts in its message or type; "
            "these need `payloads:read`."
        ),
    ]
    dry_run: Annotated[bool, Field(description="Only count; change nothing.")] = False
    priority: Annotated[Priority | None, Field(description="With `set_priority`: the new one.")] = None
    reason: Annotated[
        str | None, Field(min_length=1, max_length=500, description="With `pause`: for people.")
    ] = None
    until: Annotated[
        Instant | None, Field(description="With `pause`: when it ends by itself. In the future.")
    ] = None
    catch_up: Annotated[
        Annotated[CatchUp, Field(strict=False)] | None,
        Field(description="With `resume`: which occurrences of the pause run after all. Default none."),
    ] = None


class Request:
    """A bulk action as a client asks for it, checked."""

    def __init__(self, body: Any, actor: Actor) -> None:
        """Raises InvalidInput, ScopeMissing, ProjectFrozen, KeyRestricted, PauseEndsInThePast."""
        form = read_body(BulkActionBody, body)
        self.actor = actor
        self.kind: Kind = KINDS[form.action]
        admit(actor, self.kind.scope)
        if self.kind.brings_about:
            refuse_many(actor)
        self.filter = _filter_of(self.kind, form.filter)
        if self.kind.looks_into_payloads(self.filter):
            admit(actor, Scope.PAYLOADS_READ)
        self.parameters = _parameters_of(self.kind, form)
        self.kind.check(self.parameters)

    def count(self) -> Counted:
        """How many there are. Raises InvalidInput."""
        return self._count(MOST_COUNTED)

    def _count(self, most: int) -> Counted:
        try:
            return self.kind.count(self.filter, self.parameters, self.actor.project_id, most)
        except InvalidInput as error:
            raise _below_filter(error) from None

    def begin(self) -> BulkAction:
        """Count, and write it down. Raises InvalidInput, QuotaReached."""
        counted = self.count()
        self.refuse_too_many(counted)
        return beginning.begin(self.actor, self.kind, self.filter, self.parameters, counted)

    def refuse_too_many(self, counted: Counted) -> None:
        """Raises QuotaReached."""
        names = self.kind.quotas
        limits = [limit for name in names if (limit := self.actor.quota(name)) is not None]
        if limits:
            exact = counted if counted.is_exact else self._count(max(limits) + 1)
            refuse_tasks(self.actor, exact.count, names)

    def represent_dry_run(self, counted: Counted) -> dict[str, Any]:
        """What it would be done to."""
        return {
            "action": self.kind.name,
            "filter": as_stored(self.filter),
            "counts": {"matched": counted.count, "exact": counted.is_exact},
            "dry_run": True,
        }


def _filter_of(kind: Kind, given: dict[str, Any]) -> Strict:
    try:
        found = read_body(kind.filter, given)
    except InvalidInput as error:
        raise _below_filter(error) from None
    if not any(getattr(found, name) not in (None, [], {}) for name in found.model_fields_set):
        names = ", ".join(sorted(kind.filter.model_fields))
        detail = f"at least one filter is required: {names}"
        raise InvalidInput([FieldError(("filter",), "filter_required", detail)])
    return found


def _below_filter(error: InvalidInput) -> InvalidInput:
    """What is wrong with a filter, where it stands in the body."""
    return InvalidInput(
        FieldError(("filter", *found.location), found.code, found.detail) for found in error.errors
    )


def _parameters_of(kind: Kind, form: BulkActionBody) -> Strict:
    known = kind.parameters.model_fields
    given = {name: getattr(form, name) for name in form.model_fields_set if name not in OWN_FIELDS}
    if errors := [
        FieldError((name,), "conflict", f"must be left out where action is {kind.name}")
        for name in given
        if name not in known
    ]:
        raise InvalidInput(errors)
    missing = [name for name, field in known.items() if field.is_required() and given.get(name) is None]
    if missing:
        raise InvalidInput(
            FieldError((name,), "missing", f"is required where action is {kind.name}") for name in missing
        )
    return kind.parameters.model_validate({name: _told(value) for name, value in given.items()})


def _told(value: Any) -> Any:
    """An instant as the form reads it."""
    return instant_text(value) if hasattr(value, "isoformat") else value


def limit_bulk_action(actor: Actor, body: Any, _path: Mapping[str, Any]) -> None:
    """For whoever would begin this one. Raises what refuses it."""
    asked = Request(body, actor)
    asked.refuse_too_many(asked.count())


def represent_all(rows: list[BulkAction]) -> list[dict[str, Any]]:
    """Bulk actions as clients see them."""
    return [represent(row) for row in rows]


def represent(row: BulkAction) -> dict[str, Any]:
    """A bulk action as clients see it."""
    dealt_with = row.done + row.refused
    return {
        "id": str(row.id),
        "action": row.action,
        "filter": row.filter,
        "parameters": row.parameters,
        "state": row.state,
        "counts": {
            "matched": max(row.matched, dealt_with),
            "exact": row.is_matched_exact,
            "done": row.done,
            "refused": row.refused,
        },
        "refused": row.refusals,
        "error": row.error,
        "created_at": instant_text(row.created_at),
        "started_at": instant_text(row.started_at),
        "finished_at": instant_text(row.finished_at),
        "created_by": row.created_by,
        "request_id": row.request_id,
    }
