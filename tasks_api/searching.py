"""Tasks by what no index knows, a value in their arguments or a text in their error: among the newest, and in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from tasks_api.database import execute, fetch_all
from tasks_api.filters import TaskFilter, fitting
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.postgres import is_stopped

MOST_LOOKED_AT = 100_000
"""So many tasks, the newest that fit what indexes know, are looked at."""
LONGEST_MILLISECONDS = 1_500
"""For so long at most."""


@dataclass(frozen=True, slots=True)
class Free:
    """What no index knows. `arguments`: paths into the arguments, each with the text of the value there."""

    arguments: Sequence[tuple[Sequence[str], str]] = ()
    errors: Sequence[str] = ()

    @property
    def fits(self) -> RawSQL:
        """As a condition, for tasks that are few or were chosen by an index."""
        wanted, parameters = _wanted(self)
        return RawSQL(wanted, parameters, output_field=BooleanField())  # noqa: S611 (constants, with parameters)


class TookTooLong(Exception):
    """The search was given up."""

    def __str__(self) -> str:
        return "the search took too long and was given up; narrow it down, by operation, schedule or age"


_SEARCH = """
SELECT id FROM (
    SELECT id, arguments, error FROM ({branches}) AS branches
     ORDER BY id DESC NULLS LAST LIMIT {most}) AS looked_at
 WHERE {wanted} AND ({beyond}) ORDER BY id {direction} LIMIT %s"""


def search(
    query: TaskFilter,
    project_id: int,
    free: Free,
    size: int,
    *,
    before: UUID | None = None,
    after: UUID | None = None,
) -> list[Task]:
    """The first so many of a project's tasks that fit, newest first: those older than `before`, or just newer than
    `after`, then oldest first. Raises TookTooLong."""
    ids = search_ids(query, project_id, free, size, before=before, after=after)
    found = Task.objects.in_bulk(ids)
    return [found[each] for each in ids if each in found]


def search_ids(
    query: TaskFilter,
    project_id: int,
    free: Free,
    size: int,
    *,
    before: UUID | None = None,
    after: UUID | None = None,
) -> list[UUID]:
    """Of these the ids alone."""
    rows = fitting(query, project_id).order_by()
    by_status = not (query.operation or query.fingerprint or query.schedule or query.tag or query.id)
    statuses = query.status or list(Status)
    branches = [rows.filter(status=status) for status in statuses] if by_status else [rows]
    texts, parameters = [], list[Any]()
    for branch in branches:
        sql, more = branch.values("id", "arguments", "error").query.sql_with_params()
        texts.append(f"({sql})")
        parameters += more
    wanted, given = _wanted(free)
    beyond, edge = "true", list[Any]()
    if before is not None:
        beyond, edge = "id < %s", [before]
    elif after is not None:
        beyond, edge = "id > %s", [after]
    sql = _SEARCH.format(
        branches=" UNION ALL ".join(texts),
        most=MOST_LOOKED_AT,
        wanted=wanted,
        beyond=beyond,
        direction="DESC NULLS LAST" if after is None else "ASC",
    )
    return _in_time(sql, [*parameters, *given, *edge, size])


def _wanted(free: Free) -> tuple[str, list[Any]]:
    conditions, parameters = [], list[Any]()
    for path, value in free.arguments:
        conditions.append("arguments #>> %s::text[] = %s")
        parameters += [list(path), value]
    for text in free.errors:
        conditions.append(
            "(strpos(lower(error->>'message'), lower(%s)) > 0 OR strpos(lower(error->>'type'), lower(%s)) > 0)"
        )
        parameters += [text, text]
    return " AND ".join(conditions) or "true", parameters


def _in_time(sql: str, parameters: list[Any]) -> list[UUID]:
    try:
        with transaction.atomic():
            execute(f"SET LOCAL statement_timeout = {LONGEST_MILLISECONDS}", [])
            return [row[0] for row in fetch_all(sql, parameters)]
    except OperationalError as error:
        if is_stopped(error):
            raise TookTooLong from None
        raise
