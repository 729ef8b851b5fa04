"""One load into Postgres, from the bytes of a file to what came of it."""

from typing import BinaryIO

from psycopg2 import Error
from psycopg2.extensions import connection as Connection  # noqa: N812 (it is a class)

from operations.errors import permanent
from operations.load.columns import Placing, has_header, likely_delimiter, missing, place
from operations.load.definition import Target
from operations.load.failures import told
from operations.load.order import Counts, Loaded, Order, Phase, Tell
from operations.load.postgres import bad_rows
from operations.load.postgres.catalog import Table, find_table, no_table
from operations.load.postgres.checking import check_values
from operations.load.postgres.connecting import Deadline
from operations.load.postgres.constraints import check_rules
from operations.load.postgres.guard import Guard
from operations.load.postgres.one_by_one import check_one_by_one, is_about_rows
from operations.load.postgres.proposing import create_table
from operations.load.postgres.staging import stage
from operations.load.postgres.writing import Writing, planned, write
from operations.load.rows import Rows, large_fields
from operations.load.text import Lines, encoding_of

TRIES = 3
"""Others write, too: what was looked at can change until it is written."""


def load(
    connection: Connection, target: Target, order: Order, source: BinaryIO, size: int, tell: Tell
) -> Loaded:
    """What came of it; of an attempt before this one, if that was the one that did it. Raises OperationError."""
    with told():
        guard = Guard(connection, target.guard, order)
        if not order.dry_run:
            guard.prepare()
            if (found := guard.found()) is not None:
                return found
        return _Load(connection, target, order, tell, guard).run(source, size)


class _Load:
    def __init__(
        self, connection: Connection, target: Target, order: Order, tell: Tell, guard: Guard
    ) -> None:
        self._connection = connection
        self._target = target
        self._order = order
        self._tell = tell
        self._guard = guard
        self._deadline = Deadline(target.timeout_seconds)
        self._checked = False

    def run(self, source: BinaryIO, size: int) -> Loaded:
        table = find_table(self._connection, self._order)
        if table is None and not self._order.dry_run:
            raise no_table(self._order)
        placing, read = self._stage(source, size, table)
        bad_rows.begin(self._connection)
        if table is None:
            proposed = create_table(self._connection, self._order, placing.names)
            return self._with_bad(Loaded(Counts(read), create_table=proposed))
        writing = planned(self._order, table, placing.names, self._target.replace_by)
        if self._is_doubtful(writing):
            self._check_values(writing)
        return self._written(writing, read)

    def _is_doubtful(self, writing: Writing) -> bool:
        """Whether values are looked at before they are written. Else only once the server has refused.

        A cast to a domain cuts silently what is too long.
        """
        is_lenient = self._order.skip or self._order.dry_run
        return (
            is_lenient
            or any(each.is_domain for each in writing.columns)
            or bad_rows.count(self._connection) > 0
        )

    def _check_values(self, writing: Writing) -> None:
        self._phase("checking", 0, "values")
        check_values(self._connection, writing.columns, self._order.null)
        self._checked = True

    def _stage(self, source: BinaryIO, size: int, table: Table | None) -> tuple[Placing, int]:
        self._phase("reading", 0, "")
        lines = Lines(source, encoding_of(source, self._order.encoding))
        try:
            with large_fields():
                found = Rows(lines, self._order.form)
                placing = self._placed(found, table)

                def tell(count: int) -> None:
                    self._tell("reading", min(1.0, source.tell() / max(1, size)), f"{count:,} rows")

                return placing, stage(self._connection, found, placing, tell)
        finally:
            lines.close()

    def _placed(self, found: Rows, table: Table | None) -> Placing:
        order = self._order
        header: list[str] = []
        if has_header(order.columns):
            line, header, reason = found.first() or (1, [], "the file is empty: it must have a header")
            if reason:
                raise permanent("malformed_csv", f"line {line}, the header: {reason}")
        placing = place(order.columns, header, order.form)
        for name in placing.names if table else ():
            if table and name not in table.columns:
                raise missing("the table", name, list(table.columns), _hint(order, header))
        return placing

    def _written(self, writing: Writing, read: int) -> Loaded:
        if self._must_stop():
            # What breaks rules is told, too, though nothing is written.
            self._check_rules(writing)
            raise self._stopped(read)
        for _ in range(TRIES):
            loaded = self._with_bad(Loaded(Counts(read)))
            try:
                return self._write(writing, loaded)
            except Error as error:
                self._connection.rollback()
                self._connection.autocommit = True
                if not is_about_rows(error):
                    raise
                refused = error
            before = bad_rows.count(self._connection)
            if not self._checked:
                self._check_values(writing)
            self._check_rules(writing)
            alone = bad_rows.count(self._connection) == before
            if (alone and not check_one_by_one(self._connection, writing)) or self._must_stop():
                raise self._stopped(read)
        raise refused

    def _must_stop(self) -> bool:
        is_lenient = self._order.skip or self._order.dry_run
        return not is_lenient and bad_rows.count(self._connection) > 0

    def _check_rules(self, writing: Writing) -> None:
        self._phase("checking", 0.5, "rules of the table")
        check_rules(self._connection, writing)

    def _write(self, writing: Writing, loaded: Loaded) -> Loaded:
        self._phase("writing", 0, f"{loaded.counts.read - loaded.counts.skipped:,} rows")
        self._connection.autocommit = False
        if not self._order.dry_run and not self._guard.take():
            self._connection.rollback()
            self._connection.autocommit = True
            found = self._guard.found()
            assert found is not None  # noqa: S101 (it is there, for it was in the way)
            return found
        counts = loaded.counts
        write(self._connection, writing, counts)
        counts.unchanged = counts.read - counts.skipped - counts.written - counts.updated
        if self._order.dry_run:
            self._connection.rollback()
        else:
            self._guard.keep(loaded)
            self._tell("committing", 0, "")
            self._connection.commit()
        self._connection.autocommit = True
        return loaded

    def _with_bad(self, loaded: Loaded) -> Loaded:
        loaded.counts.skipped = bad_rows.count(self._connection)
        if loaded.counts.skipped:
            loaded.bad = bad_rows.first(self._connection)
            loaded.reasons = bad_rows.packed(self._connection)
        return loaded

    def _stopped(self, read: int) -> Exception:
        count = bad_rows.count(self._connection)
        first = "; ".join(
            f"line {bad.line}: {bad_rows.words(bad)}" for bad in bad_rows.first(self._connection)[:10]
        )
        return permanent(
            "bad_rows",
            f"{count:,} of {read:,} rows do not fit, so nothing was loaded (`dry_run` tells all): {first}",
        )

    def _phase(self, phase: Phase, done: float, detail: str) -> None:
        self._tell(phase, done, detail)
        self._deadline.hold(self._connection)


def _hint(order: Order, header: list[str]) -> str:
    other = likely_delimiter(header[0]) if len(header) == 1 else None
    if other:
        return f"; perhaps the `delimiter` is {other!r} and not {order.form.delimiter!r}"
    return "" if order.columns else "; name those to load in `columns`"
