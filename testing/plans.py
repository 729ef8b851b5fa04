"""How Postgres runs the statements of a function, and how much it reads for them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext


@dataclass(frozen=True)
class Reading:
    """One access to a table: how, by which index, and how many rows were looked at."""

    table: str
    kind: str
    index: str | None
    rows: int


class _Undone(Exception):
    pass


def empty(*tables: str) -> None:
    """Give tables new files until the test's transaction is undone.

    Else new rows fill the gaps that rows of earlier tests left, in the order in which autovacuum found them, and the
    planner takes the way by an index for a dear one.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def readings_of(function: Callable[[], object], table: str) -> list[Reading]:
    """Every access to `table` in the statements that `function` sends. What they change is undone."""
    captured = CaptureQueriesContext(connection)
    with suppress(_Undone), transaction.atomic(), captured:
        function()
        raise _Undone
    statements = [query["sql"] for query in captured.captured_queries]
    return [reading for sql in statements for reading in explain(sql) if reading.table == table]


def explain(sql: str, parameters: Any = None) -> list[Reading]:
    """Every access to a table in one statement, which is run for it and undone."""
    plans: list[Any] = []
    with suppress(_Undone), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
        plans = [found["Plan"] for found in cursor.fetchone()[0]]
        raise _Undone
    return [reading for plan in plans for reading in _readings(plan)]


def _readings(plan: Any) -> Iterator[Reading]:
    if "Relation Name" in plan and plan["Node Type"] != "ModifyTable":
        rows = plan["Actual Loops"] * (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))
        yield Reading(plan["Relation Name"], plan["Node Type"], _index(plan), round(rows))
    for part in plan.get("Plans", ()):
        yield from _readings(part)


def _index(plan: Any) -> str | None:
    """The index that leads to the rows; of a bitmap scan, the one that makes the bitmap."""
    if plan["Node Type"] == "Bitmap Heap Scan":
        return _index(plan["Plans"][0])
    index: str | None = plan.get("Index Name")
    return index
