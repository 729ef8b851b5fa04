"""`/tasks/batch-request/`: what becomes of each item, told by its index."""

from collections.abc import Iterable
from typing import Any

from rest_framework.response import Response

from access.actor import Actor
from access.api.idempotent import Effect
from access.idempotency import Ids
from access.payloads import shown_to
from rest.json import Written, dump
from rest.problems import InvalidInput, Problem
from tasks_api.api.quotas import refuse_tasks
from tasks_api.api.tasks import new_tasks, represent
from tasks_api.models import Task
from tasks_api.shown import AnyTask
from tasks_api.submission import submit

MOST_ERRORS = 1_000
"""Of a batch: once so many are told, each further item tells its first one."""


class BatchRefused(Problem):
    """400: nothing of the batch was accepted."""

    code = "invalid_input"
    mending = (
        "Each of `errors` names an item by its `index` and what is wrong with it. Without `atomic`, the valid items of "
        "a batch are created even if others are not."
    )
    sample = (
        [
            {
                "index": 1,
                "errors": [
                    {"pointer": "#/1/priority", "code": "max_value", "detail": "must be at most 9, got 12"}
                ],
            }
        ],
        1,
    )

    def __init__(self, errors: list[dict[str, Any]], valid: int) -> None:
        total = len(errors) + valid
        detail = f"invalid items in the batch: {len(errors)} of {total} tasks; none was created"
        super().__init__(detail, tasks=[], errors=errors)


def create(body: Any, actor: Actor, *, atomic: bool) -> Effect:
    """Create the valid items; with `atomic` all or none. Raises InvalidInput, BatchRefused."""
    valid, refused = new_tasks(body, actor)
    if refused and (atomic or not valid):
        raise BatchRefused(_refusals(refused), len(valid))
    refuse_tasks(actor, len(valid))
    born = submit([task for _, task in valid])
    ids: Ids = [None] * (len(valid) + len(refused))
    for index, task in valid:
        ids[index] = task.id
    created = zip((index for index, _ in valid), born.shown(), strict=True)
    return Effect(tell(created, refused, actor), ids)


def tell_again(body: Any, actor: Actor, ids: Ids) -> Response:
    """The answer to a batch that was carried out before, as its tasks are now; deleted ones are left out."""
    own = Task.objects.filter(project_id=actor.project_id)
    rows = own.in_bulk([number for number in ids if number])
    created = [(index, rows[number]) for index, number in enumerate(ids) if number in rows]
    _, refused = new_tasks(body, actor)
    return tell(created, [(index, error) for index, error in refused if ids[index] is None], actor)


def tell(
    created: Iterable[tuple[int, AnyTask]], refused: list[tuple[int, InvalidInput]], actor: Actor
) -> Response:
    """The answer: what was created and what was refused, each by its index."""
    show = shown_to(actor)
    # Written one by one: together they would take three times as much memory as their text.
    tasks = b",".join(dump({"index": index, **show(represent(task))}) for index, task in created)
    body = Written(b'{"tasks":[%s],"errors":%s}' % (tasks, dump(_refusals(refused))))
    return Response(body, status=202)


def _refusals(refused: list[tuple[int, InvalidInput]]) -> list[dict[str, Any]]:
    """What is wrong with items of a batch."""
    refusals, room = [], MOST_ERRORS
    for index, error in refused:
        errors = [found.below(index).as_json() for found in error.errors[: max(1, room)]]
        refusals.append({"index": index, "errors": errors})
        room -= len(errors)
    return refusals
