"""What the tests of loads do again and again."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from operations import testing
from operations.files import FileReference, FolderFiles
from operations.load import Target

PASSWORD = "warehouse_password"
ORDERS = (
    "CREATE TABLE sales.orders (id int PRIMARY KEY, day date NOT NULL, amount numeric(8,2), note varchar(5))"
)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """The target as an administrator sees it, and `load_csv` into it."""

    connection: Connection
    files: FolderFiles
    password: str
    target: Target

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a statement gives."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def add(self, content: str | bytes) -> FileReference:
        """A file."""
        data = content.encode() if isinstance(content, str) else content
        return self.files.add("rows.csv", data, "text/csv")

    def load(self, content: str | bytes, task_id: str | None = None, **arguments: Any) -> Any:
        """The result of a load into sales.orders, unless another table is named."""
        return self.operate(
            "load_csv", {"file": self.add(content), "table": "sales.orders", **arguments}, task_id=task_id
        ).result

    def operate(self, operation: str, arguments: dict[str, Any], task_id: str | None = None) -> testing.Ran:
        """An operation on the target."""
        return testing.run(
            operation,
            {"target": "warehouse", **arguments},
            task_id=task_id or str(uuid4()),
            secrets={PASSWORD: self.password},
            files=self.files,
        )
