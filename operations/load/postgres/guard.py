"""The table in the target that knows which tasks have been loaded, so that a second attempt loads nothing again."""

import json
from dataclasses import asdict

from psycopg2 import Error, sql
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)
from psycopg2.extras import Json

from operations.errors import OperationError, permanent
from operations.load.definition import table_parts
from operations.load.order import Bad, Counts, Loaded, Order
from operations.load.postgres.catalog import rows

CREATE = (
    "CREATE TABLE IF NOT EXISTS {} (task_id uuid PRIMARY KEY, loaded_at timestamptz NOT NULL DEFAULT now(), "
    "loaded_into text NOT NULL, result jsonb, reasons bytea)"
)


class Guard:
    """For one task."""

    def __init__(self, connection: Connection, guard: str, order: Order) -> None:
        self._connection = connection
        self._name = guard
        self._table = sql.Identifier(*table_parts(guard))
        self._task = str(order.task_id)
        self._into = f"{order.schema}.{order.table}"

    def prepare(self) -> None:
        """The table is there afterwards. Raises OperationError, for good, with the statement that makes it."""
        schema, table = table_parts(self._name)
        look = "SELECT FROM pg_catalog.pg_tables WHERE schemaname = %s AND tablename = %s"
        if rows(self._connection, look, [schema, table]):
            return
        create = sql.SQL(CREATE).format(self._table)
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(create)
        except Error as error:
            if rows(self._connection, look, [schema, table]):  # somebody else was faster
                return
            raise self._missing(create, error) from error

    def _missing(self, create: sql.Composable, error: Error) -> OperationError:
        statement = create.as_string(self._connection)
        return permanent(
            "guard_missing",
            f"the target has no table {self._name}, and it cannot be made ({error.diag.message_primary}): let "
            f"somebody who may run `{statement}`, and grant SELECT, INSERT and UPDATE on it",
        )

    def found(self) -> Loaded | None:
        """What an attempt before this one has loaded, if one has."""
        look = sql.SQL("SELECT result, reasons FROM {} WHERE task_id = %s").format(self._table)
        found = rows(self._connection, look, [self._task])
        if not found:
            return None
        result, reasons = found[0]
        kept = result if isinstance(result, dict) else json.loads(result)
        bad = [Bad(*each) for each in kept["bad"]]
        return Loaded(Counts(**kept["counts"]), bad, bytes(reasons or b""), repeated=True)

    def take(self) -> bool:
        """In the transaction of the load: False if another attempt was there first. Waits for one that still runs."""
        take = sql.SQL("INSERT INTO {} (task_id, loaded_into) VALUES (%s, %s) ON CONFLICT DO NOTHING")
        with self._connection.cursor() as cursor:
            cursor.execute(take.format(self._table), [self._task, self._into])
            return cursor.rowcount == 1

    def keep(self, loaded: Loaded) -> None:
        """Within the same transaction: what comes of the load."""
        keep = sql.SQL("UPDATE {} SET result = %s, reasons = %s WHERE task_id = %s").format(self._table)
        result = Json({"counts": asdict(loaded.counts), "bad": loaded.bad})
        with self._connection.cursor() as cursor:
            cursor.execute(keep, [result, loaded.reasons or None, self._task])
