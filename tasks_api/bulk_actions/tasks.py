"""What can be done to all tasks that a filter names."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from pydantic import Field

from access.audit.events import Action
from access.scopes import Scope
from rest.input import Strict
from rest.problems import FieldError, InvalidInput
from tasks_api import transitions
from tasks_api.actions import CANCELLABLE, REVIVABLE
from tasks_api.bulk_actions.kinds import MOST_COUNTED, Asked, Counted, Kind, Turn, within_quotas
from tasks_api.filters import CLOCKS_AGREE, TaskFilter, filtered, fitting
from tasks_api.ids import first_id_at
from tasks_api.isolation.refusals import apart
from tasks_api.lifecycle import CANCEL, REVIVE, WAITING, Status
from tasks_api.listing import first_ids_of_each
from tasks_api.models import Task
from tasks_api.quotas import WAITING_TASKS
from tasks_api.searching import MOST_LOOKED_AT, Free, TookTooLong, search_ids

LOOKED_AT = 2_000
"""So many tasks are looked at in a turn, in the order of their ids, and those that fit are changed."""


MOST_FREE = 20
FreeText = Annotated[str, Field(min_length=1, max_length=1_000)]


class BulkTaskFilter(TaskFilter):
    """Which tasks are meant, also by what no index knows."""

    arguments: Annotated[
        dict[FreeText, FreeText],
        Field(
            max_length=MOST_FREE,
            description="By paths such as `customer.id`: the value that their arguments have there, as text.",
        ),
    ] = {}
    error: Annotated[
        list[FreeText],
        Field(max_length=MOST_FREE, description="Texts in the message or the type of their error."),
    ] = []

    @property
    def free(self) -> Free:
        """What no index knows."""
        paths = [(tuple(path.split(".")), text) for path, text in self.arguments.items()]
        return Free(paths, self.error)

    @property
    def is_free(self) -> bool:
        """Whether it asks for that."""
        return bool(self.arguments or self.error)


class PriorityParameters(Strict):
    """What a change of priority needs to know."""

    priority: Annotated[int, Field(ge=0, le=9)]


def _others(parameters: PriorityParameters) -> Q:
    return Q(status__in=WAITING) & ~Q(priority=parameters.priority)


def _kind(
    name: str,
    scope: Scope,
    event: Action,
    statuses: Sequence[Status],
    fits: Callable[..., Q],
    change: Callable[..., int],
    **more: Any,
) -> Kind:
    """An action on tasks that are in one of these `statuses` and fit."""

    def count(query: BulkTaskFilter, parameters: Strict, project_id: int, most: int) -> Counted:
        found = filtered(query, project_id).filter(fits(parameters)).order_by()
        if not query.is_free:
            number = found[: most + 1].count()
            return Counted(min(number, most), number <= most)
        number = len(_free_ids(query, statuses, fits(parameters), project_id, most + 1))
        is_exact = number <= most and not found[MOST_LOOKED_AT : MOST_LOOKED_AT + 1].exists()
        return Counted(min(number, most), is_exact)

    def sample(query: BulkTaskFilter, parameters: Strict, project_id: int, size: int) -> list[Task]:
        if query.is_free:
            ids = _free_ids(query, statuses, fits(parameters), project_id, size)
        else:
            found = filtered(query, project_id).filter(fits(parameters))
            ids = list(found.order_by().values_list("id", flat=True)[:MOST_COUNTED])
        return list(Task.objects.filter(id__in=sorted(ids)[-size:]).order_by("-id"))

    def turn(asked: Asked) -> Turn:
        looked_at = _next_ids(asked, statuses)
        if not looked_at:
            return Turn(is_last=True)
        done = Turn(looked_at[-1], is_last=len(looked_at) < LOOKED_AT)
        row = asked.row
        fitted = fitting(asked.filter, row.project_id).filter(
            fits(asked.parameters), id__in=looked_at, created_at__lt=row.created_at
        )
        if asked.filter.is_free:
            fitted = fitted.filter(asked.filter.free.fits)
        ids = sorted(fitted.order_by().values_list("id", flat=True))

        def change_some(some: Sequence[UUID]) -> int:
            # Told only of what is not undone.
            part = Turn()
            part.done = change(within_quotas(asked, part, some), asked.parameters)
            return done.add(part)

        done.done = sum(apart(change_some, ids, done.refuse_row))
        return done

    return Kind(
        name,
        scope,
        event,
        "task",
        BulkTaskFilter,
        count,
        sample,
        turn,
        everything={"status": [status.value for status in statuses]},
        looks_into_payloads=lambda query: query.is_free,
        **more,
    )


def _free_ids(
    query: BulkTaskFilter, statuses: Sequence[Status], fits: Q, project_id: int, most: int
) -> list[UUID]:
    """Some that fit, among the newest. Raises InvalidInput where looking for them takes too long."""
    wanted = _wanted(query, statuses)
    try:
        meant = query.model_copy(update={"status": wanted})
        ids = search_ids(meant, project_id, query.free, most) if wanted else []
    except TookTooLong as error:
        raise InvalidInput([FieldError((), "took_too_long", str(error))]) from None
    return list(Task.objects.filter(fits, id__in=ids).order_by().values_list("id", flat=True))


def _wanted(query: TaskFilter, statuses: Sequence[Status]) -> list[Status]:
    return [status for status in statuses if not query.status or status in query.status]


def _next_ids(asked: Asked, statuses: Sequence[Status]) -> list[UUID]:
    """The next that may fit, in the order of their ids, found by an index that has them in this order.

    However rare those are that fit, a turn looks at so many rows and no more.
    """
    row, query = asked.row, asked.filter
    rows = Task.objects.filter(
        project_id=row.project_id, id__lt=first_id_at(row.created_at + CLOCKS_AGREE)
    ).order_by("id")
    if row.last_id is not None:
        rows = rows.filter(id__gt=row.last_id)
    if query.id:
        left = (each for each in query.id if row.last_id is None or each > row.last_id)
        return sorted(left)[:LOOKED_AT]
    if query.fingerprint is not None:
        return _first_ids(rows.filter(fingerprint=query.fingerprint, status=Status.FAILURE))
    if query.schedule is not None:
        of_schedule = Task.objects.filter(schedule_id=query.schedule)
        if row.last_id is not None:
            of_schedule = of_schedule.filter(id__gt=row.last_id)
        return list(of_schedule.order_by("id").values_list("id", flat=True)[:LOOKED_AT])
    wanted = _wanted(query, statuses)
    return first_ids_of_each(wanted, rows, LOOKED_AT) if wanted else []


def _first_ids(rows: QuerySet[Task]) -> list[UUID]:
    return list(rows.order_by(F("id").asc(nulls_first=True)).values_list("id", flat=True)[:LOOKED_AT])


KINDS = {
    kind.name: kind
    for kind in (
        _kind(
            "retry",
            Scope.TASKS_RETRY,
            Action.TASK_RETRY,
            REVIVE.sources,
            lambda _: REVIVABLE,
            lambda ids, _: transitions.revive(ids),
            quotas=(WAITING_TASKS,),
        ),
        _kind(
            "cancel",
            Scope.TASKS_CANCEL,
            Action.TASK_CANCEL,
            (*CANCEL.sources, Status.STARTED),
            lambda _: CANCELLABLE,
            lambda ids, _: len(transitions.cancel(ids)),
            brings_about=False,
        ),
        _kind(
            "set_priority",
            Scope.TASKS_EDIT,
            Action.TASK_UPDATE,
            WAITING,
            _others,
            lambda ids, parameters: transitions.set_priority(ids, parameters.priority),
            parameters=PriorityParameters,
        ),
    )
}
