"""Pages of schedules by what no index has in the order of pages: a part of a name, the time when they are due.

What is common is found among the next schedules, without asking an index. What is rare is found by its index, and is
so little that it can be put in order.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, Func, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.lookups import IsNull

from schedules.models import ScheduleName, TaskSchedule

LOOK = 3_000
"""So many schedules are looked through, the next in the order of the page, before an index is asked."""
FEW = 500
"""If no more are due, these are looked through, and no others."""

HAS_PIECES_SQL = """
task_schedule_name_pieces(project_id, folded) @@ task_schedule_name_query(%s, upper(%s)) AND folded LIKE upper(%s)
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What is `wanted`, and the ids of all schedules that may be, `by_index`.

    `due`: where a time is a part of that, all that are due before it.
    """

    wanted: Q
    by_index: QuerySet[Any]
    due: QuerySet[TaskSchedule] | None

    def first_of(self, rows: QuerySet[TaskSchedule], size: int) -> list[TaskSchedule]:
        """The first so many of `rows`, in their order, that are wanted."""
        wanted = rows.filter(self.wanted)
        if self.due is not None:
            due = list(self.due.order_by("sweep_at").values_list("id", flat=True)[: FEW + 1])
            if len(due) <= FEW:
                return list(wanted.filter(id__in=due)[:size])
        found = list(wanted.filter(among(rows.values("id")[:LOOK]))[:size])
        if len(found) == size:
            return found
        # If there are more: read in the order of `rows`, by the index that has it.
        beyond = IsNull(Subquery(rows.values("id")[LOOK : LOOK + 1]), False)
        return list(wanted.filter(beyond, among(self.by_index))[:size]) or found


def ids_by_name(part: str, project_id: int) -> QuerySet[Any]:
    """The ids of the schedules of a project whose name contains `part`, by the index of the pieces of names."""
    pattern = f"%{connection.ops.prep_for_like_query(part)}%"
    has_pieces = RawSQL(HAS_PIECES_SQL, [project_id, part, pattern], output_field=BooleanField())  # noqa: S611 (no text in it)
    return ScheduleName.objects.filter(has_pieces).values_list("schedule_id", flat=True)


def among(ids: QuerySet[Any]) -> Func:
    """Whether the id is one of these.

    The planner sees an array, whatever is in it: it goes by the primary key, and has no other way to them.
    """
    template = "%(expressions)s)"
    return Func(
        "id", ArraySubquery(ids), template=template, arg_joiner=" = ANY(", output_field=BooleanField()
    )
