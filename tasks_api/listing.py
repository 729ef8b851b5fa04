"""How pages of a project's tasks are read: by indexes that begin with the project, and no other way.

Those have the ids in the order DESC NULLS LAST. There are no NULLs: it is an order that the primary key does not have,
so that Postgres never takes what is rare in a project for common, and walks through the tasks of all others to find it.
"""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, QuerySet, UUIDField
from django.db.models.expressions import OrderBy, RawSQL

from tasks_api.database import fetch_one
from tasks_api.lifecycle import Status
from tasks_api.models import Task

# An index of all of a project's tasks would cost each of them three entries more, and a page needs but the first of
# each status.
FIRST_SQL = """ARRAY(
    SELECT found.id FROM unnest(%s::text[]) AS wanted(status) CROSS JOIN LATERAL ({of_one}) AS found
     ORDER BY found.id {direction} LIMIT %s)"""


def first_in_project(rows: QuerySet[Task], size: int) -> list[Task]:
    """The first so many of `rows`, which are in the order of their ids: they have what an index has besides."""
    return list(rows.order_by(_order(rows))[:size])


def first_of_each(statuses: Sequence[Status], rows: QuerySet[Task], size: int) -> list[Task]:
    """The first so many of `rows`, which are in the order of their ids, that have one of these statuses."""
    ids = _ids_of_each(statuses, rows, size)
    is_among = Func("id", ids, template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField())
    return list(Task.objects.filter(is_among).order_by(*rows.query.order_by))


def first_ids_of_each(statuses: Sequence[Status], rows: QuerySet[Task], size: int) -> list[UUID]:
    """Of these the ids alone."""
    ids = _ids_of_each(statuses, rows, size)
    row = fetch_one(f"SELECT {ids.sql}", ids.params)
    return [] if row is None else list(row[0])


def _ids_of_each(statuses: Sequence[Status], rows: QuerySet[Task], size: int) -> RawSQL:
    of_one = rows.filter(status=RawSQL("wanted.status", ())).order_by(_order(rows))
    sql, parameters = of_one.values("id")[:size].query.sql_with_params()
    direction = "DESC" if _is_descending(rows) else "ASC"
    return RawSQL(  # noqa: S611 (what Django made of the filters, with their parameters)
        FIRST_SQL.format(of_one=sql, direction=direction),
        ([status.value for status in statuses], *parameters, size),
        output_field=ArrayField(UUIDField()),
    )


def _order(rows: QuerySet[Task]) -> OrderBy:
    return F("id").desc(nulls_last=True) if _is_descending(rows) else F("id").asc(nulls_first=True)


def _is_descending(rows: QuerySet[Task]) -> bool:
    return rows.query.order_by == ("-id",)
