"""A double of Redshift and its bucket: it records what is said, and answers what it was told."""

import gzip
import io
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from psycopg2 import sql


def text_of(statement: Any, connection: Any) -> str:
    """A statement as it would be sent."""
    return statement.as_string(connection) if isinstance(statement, sql.Composable) else str(statement)


class Bucket:
    """Keeps what is uploaded."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.seen: dict[str, bytes] = {}

    def upload_fileobj(self, Fileobj: BinaryIO, Bucket: str, Key: str) -> None:  # noqa: N803
        """See boto3."""
        self.objects[f"{Bucket}/{Key}"] = self.seen[Key.rpartition("/")[2]] = Fileobj.read()

    def download_fileobj(self, Bucket: str, Key: str, Fileobj: BinaryIO) -> None:  # noqa: N803
        """See boto3."""
        Fileobj.write(self.objects[f"{Bucket}/{Key}"])

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803
        """See boto3."""
        del self.objects[f"{Bucket}/{Key}"]

    def part(self, name: str) -> str:
        """The text of a part that was there."""
        return gzip.GzipFile(fileobj=io.BytesIO(self.seen[name])).read().decode()


class Redshift:
    """A connection. `answers`: by the beginning of a statement, the rows that it gives."""

    def __init__(self, quoting: Any, answers: Mapping[str, Sequence[Any]]) -> None:
        self.said: list[str] = []
        self.autocommit = True
        self.description = [("n",)]
        self.rowcount = 1
        self._quoting = quoting
        self._answers = answers
        self._found: Sequence[Any] = []

    def cursor(self) -> "Redshift":
        """Itself."""
        return self

    def __enter__(self) -> "Redshift":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def execute(self, statement: Any, _values: Any = None) -> None:
        """Record it."""
        text = " ".join(text_of(statement, self._quoting).split())
        self.said.append(text)
        self._found = next((rows for start, rows in self._answers.items() if text.startswith(start)), [])

    def fetchall(self) -> Sequence[Any]:
        """What the last statement gives. An address in it may say `*` for the folder of the parts."""
        return self._found

    def commit(self) -> None:
        """Record it."""
        self.said.append("COMMIT")

    def rollback(self) -> None:
        """Record it."""
        self.said.append("ROLLBACK")
