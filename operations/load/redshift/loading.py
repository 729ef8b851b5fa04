"""One load into Redshift, from the bytes of a file to what came of it."""

import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any, BinaryIO

from psycopg2 import sql

from operations.errors import permanent
from operations.load.columns import Placing, has_header, missing, place
from operations.load.definition import RedshiftStaging, Target, table_parts
from operations.load.failures import told
from operations.load.order import MAX_SHOWN_BAD, Bad, Counts, Loaded, Order, Tell
from operations.load.redshift.parts import Bucket, Parts, bucket_of
from operations.load.redshift.statements import COLUMNS, CREATE_GUARD, ERRORS, MOST_ERRORS, Statements
from operations.load.rows import Rows, large_fields
from operations.load.text import Lines, encoding_of
from values.wording import quoted


def load(
    connection: Any,
    target: Target,
    order: Order,
    source: BinaryIO,
    size: int,
    tell: Tell,
    bucket: Callable[[RedshiftStaging], Bucket] = bucket_of,
) -> Loaded:
    """What came of it; of an attempt before this one, if that was the one that did it. Raises OperationError."""
    if order.mode in ("append_new", "upsert") and not order.key:
        raise permanent("no_unique_key", f"{order.mode} needs a `key`: Redshift keeps none")
    assert target.staging is not None  # noqa: S101 (the target was checked)
    client = bucket(target.staging)
    with told():
        return _Load(connection, target, target.staging, order, tell, client).run(source, size)


class _Load:
    def __init__(
        self,
        connection: Any,
        target: Target,
        staging: RedshiftStaging,
        order: Order,
        tell: Tell,
        bucket: Bucket,
    ) -> None:
        self._connection = connection
        self._staging = staging
        self._order = order
        self._tell = tell
        self._bucket = bucket
        self._guard = sql.Identifier(*table_parts(target.guard))
        self._say(f"SET statement_timeout TO {int(target.timeout_seconds * 1000)}")

    def run(self, source: BinaryIO, size: int) -> Loaded:
        if not self._order.dry_run:
            self._say(sql.SQL(CREATE_GUARD).format(self._guard))
            if found := self._found():
                return found
        with _rows_of(source, self._order) as rows:
            placing, statements = self._placed(rows)
            parts = Parts(self._bucket, self._staging, placing, self._order.null)
            try:
                self._tell("reading", 0, "")
                manifest = parts.upload(
                    iter(rows),
                    lambda n: self._tell("reading", min(1.0, source.tell() / max(1, size)), f"{n:,} rows"),
                )
                self._tell("checking", 0, "COPY")
                bad = self._copied(statements, parts, manifest)
            finally:
                with suppress(Exception):  # what is left in the bucket is no reason to fail
                    parts.clear()
        return self._written(statements, parts.count, bad)

    def _placed(self, rows: Rows) -> tuple[Placing, Statements]:
        order = self._order
        known = {name: rest for name, *rest in self._ask(COLUMNS, [order.schema, order.table])}
        if not known:
            name = quoted(f"{order.schema}.{order.table}")
            raise permanent("no_such_table", f"the target has no table {name}")
        header: list[str] = []
        if has_header(order.columns):
            line, header, reason = rows.first() or (1, [], "the file is empty: it must have a header")
            if reason:
                raise permanent("malformed_csv", f"line {line}, the header: {reason}")
        placing = place(order.columns, header, order.form)
        for name in (*placing.names, *order.key):
            if name not in known:
                raise missing("the table", name, list(known))
        needed = [
            name for name, (_, full, bare) in known.items() if full and bare and name not in placing.names
        ]
        if needed or not set(order.key) <= set(placing.names):
            odd = next(iter(needed), "a column of the key")
            raise permanent("wrong_header", f"the file has nothing for {odd}, which must have a value")
        types = [known[name] for name in placing.names]
        return placing, Statements(
            order, placing.names, [each[0] for each in types], [each[1] for each in types]
        )

    def _copied(self, statements: Statements, parts: Parts, manifest: str) -> list[Bad]:
        self._say(statements.create_staging())
        self._say(statements.copy(manifest, self._staging))
        bad = list(parts.bad)
        bad += [
            Bad(parts.line_of(name, number), column or None, None, reason)
            for name, number, column, reason in self._ask(ERRORS)
        ]
        if self._order.key:
            if self._order.mode == "upsert":
                same = self._ask(statements.same_key())
                bad += [
                    Bad(line, ", ".join(self._order.key), None, f"the same key as in line {first}")
                    for line, first in same
                ]
            self._say(statements.take_out_same_key())
        return sorted(bad, key=lambda each: (each.line, each.column or ""))

    def _written(self, statements: Statements, read: int, bad: list[Bad]) -> Loaded:
        order = self._order
        reasons: dict[int, list[str]] = defaultdict(list)
        for each in bad:
            reasons[each.line].append(f"{each.column}: {each.reason}" if each.column else each.reason)
        counts = Counts(read, skipped=len(reasons))
        if reasons and (len(bad) >= MOST_ERRORS or not (order.skip or order.dry_run)):
            first = "; ".join(
                f"line {line}: {'; '.join(words)}" for line, words in list(reasons.items())[:10]
            )
            raise permanent(
                "bad_rows", f"{len(reasons):,} of {read:,} rows do not fit, so nothing was loaded: {first}"
            )
        packed = b"".join(
            json.dumps([line, "; ".join(words)]).encode() + b"\n" for line, words in reasons.items()
        )
        loaded = Loaded(counts, bad[:MAX_SHOWN_BAD], zlib.compress(packed) if packed else b"")
        self._tell("writing", 0, f"{read - counts.skipped:,} rows")
        self._connection.autocommit = False
        self._say(sql.SQL("LOCK {}").format(self._guard)) if not order.dry_run else None
        if not order.dry_run and (found := self._found()):
            self._connection.rollback()
            return found
        known = self._ask(statements.count_same())[0][0] if order.key else 0
        done = [self._say(statement) for statement in statements.write()]
        self._count(counts, known, done)
        if order.dry_run:
            self._connection.rollback()
            return loaded
        keep = sql.SQL("INSERT INTO {} (task_id, loaded_into, result) VALUES (%s, %s, %s)").format(
            self._guard
        )
        result = json.dumps({"counts": asdict(counts), "bad": loaded.bad[:20]})
        self._say(keep, [str(order.task_id), f"{order.schema}.{order.table}", result])
        self._tell("committing", 0, "")
        self._connection.commit()
        return loaded

    def _count(self, counts: Counts, known: int, done: list[int]) -> None:
        fit = counts.read - counts.skipped
        match self._order.mode:
            case "append":
                counts.written = fit
            case "replace":
                counts.deleted, counts.written = done[0], fit
            case "append_new":
                counts.written = done[0]
                counts.unchanged = fit - done[0]
            case "upsert":
                counts.updated, counts.written = known, fit - known

    def _found(self) -> Loaded | None:
        look = sql.SQL("SELECT result FROM {} WHERE task_id = %s").format(self._guard)
        found = self._ask(look, [str(self._order.task_id)])
        if not found:
            return None
        kept = json.loads(found[0][0])
        return Loaded(Counts(**kept["counts"]), [Bad(*each) for each in kept["bad"]], repeated=True)

    def _say(self, statement: Any, values: Any = None) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)

    def _ask(self, statement: Any, values: Any = None) -> list[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())


@contextmanager
def _rows_of(source: BinaryIO, order: Order) -> Iterator[Rows]:
    lines = Lines(source, encoding_of(source, order.encoding))
    try:
        with large_fields():
            yield Rows(lines, order.form)
    finally:
        lines.close()
