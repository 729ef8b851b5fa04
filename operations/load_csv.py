"""The operation `load_csv`: a file of rows into a table of a database that the operator names."""

import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import TypedDict

from operations.backoff import Backoff
from operations.catalogue import operation
from operations.configuration import configuration
from operations.context import Context
from operations.definition import Unavailable
from operations.errors import permanent
from operations.files import File, FileReference, Media
from operations.load.collection import SETTING, refused
from operations.load.definition import MARGIN_SECONDS, Target
from operations.load.failures import ERRORS
from operations.load.kinds import load_into
from operations.load.order import Loaded, Mode, Order, Phase
from operations.load.postgres.bad_rows import unpacked
from operations.load.rejects import write_rejects
from operations.load.rows import Delimiter, Form, Quote
from operations.load.text import Encoding
from operations.signature import read_signature
from values.wording import received

SHARES: Mapping[Phase, tuple[float, float]] = {
    "reading": (0, 50),
    "checking": (50, 70),
    "writing": (70, 98),
    "committing": (98, 99),
}
"""Where each phase begins and ends, in per cent."""

ColumnName = Annotated[str, Field(min_length=1, max_length=63)]


class BadRow(TypedDict):
    """Something that does not fit. Without a column, it is the whole row."""

    line: int
    column: str | None
    value: Annotated[str | None, Field(description="Its first 40 characters.")]
    reason: Annotated[str, Field(description="In the words of the database.")]


class LoadResult(TypedDict):
    """What came of a load. Each row that was read was skipped, written, updated, or left as it was."""

    read: Annotated[int, Field(description="The rows of the file, without its header.")]
    written: Annotated[int, Field(description="Rows that are new in the table.")]
    updated: Annotated[int, Field(description="Rows of the table that were changed.")]
    unchanged: Annotated[int, Field(description="Rows that the table had already.")]
    deleted: Annotated[int, Field(description="Rows that `replace` took out of the table.")]
    skipped: Annotated[int, Field(description="Bad rows.")]
    bad: Annotated[list[BadRow], Field(description="The first 100 things that are wrong with rows.")]
    rejects: Annotated[
        FileReference | None,
        Field(description="All bad rows: line, reason, and their cells. Null if none is bad."),
    ]
    dry_run: bool
    repeated: Annotated[bool, Field(description="Whether an attempt before this one did it.")]
    create_table: Annotated[
        str | None, Field(description="By `dry_run`, if there is no such table: a statement that makes one.")
    ]
    seconds: float
    rows_per_second: float


def load_csv(
    file: Annotated[
        File,
        Media(
            "text/csv",
            "text/plain",
            "text/tab-separated-values",
            "application/vnd.ms-excel",
            "application/csv",
            "application/octet-stream",
        ),
        Field(description="The file."),
    ],
    target: Annotated[str, Field(description="The name of a database that the operator allows.")],
    table: Annotated[str, Field(description="Its schema and name, as in `sales.orders`.", max_length=127)],
    context: Context,
    columns: Annotated[
        dict[str, ColumnName] | list[ColumnName] | None,
        Field(
            description="Which column of the table gets what: `{name in the header: column}`, others are left out; or "
            "a list for a file without a header. Default: the header names the columns.",
        ),
    ] = None,
    mode: Annotated[
        Mode,
        Field(
            description="`append`: all rows are new. `append_new`: those whose `key` is there are left out. "
            "`upsert`: those whose `key` is there are changed. `replace`: the table has only these rows afterwards.",
        ),
    ] = "append",
    key: Annotated[
        list[ColumnName],
        Field(description="The columns by which rows are the same. Default: the primary key."),
    ] = [],  # noqa: B006 (it is not changed)
    on_bad_row: Annotated[
        Literal["stop", "skip"], Field(description="With `stop`, all rows are loaded or none is.")
    ] = "stop",
    delimiter: Annotated[Delimiter, Field(description="What stands between cells.")] = ",",
    quote: Annotated[
        Quote | None,
        Field(description="What cells may stand between, written twice within; null: nothing."),
    ] = '"',
    encoding: Annotated[Encoding, Field(description="A byte order mark in the file counts more.")] = "utf-8",
    null: Annotated[
        list[Annotated[str, Field(max_length=100)]],
        Field(
            max_length=20, description="What stands for no value. With `[]`, an empty cell is an empty text."
        ),
    ] = [""],  # noqa: B006 (it is not changed)
    dry_run: Annotated[
        bool,
        Field(description="Do all of it and take it back: tells what would come of it, with all bad rows."),
    ] = False,
) -> LoadResult:
    """Load the rows of a CSV file into a table, once, however often it is tried."""
    began = time.monotonic()
    chosen = configuration().targets.get(target)
    if chosen is None or not chosen.allows(table):
        raise permanent("no_target", f"the operator allows no table {table} of a target {target}")
    schema, _, name = table.partition(".")
    order = Order(
        UUID(context.task_id),
        schema,
        name,
        columns,
        mode,
        key,
        on_bad_row == "skip",
        Form(delimiter, quote),
        encoding,
        null,
        dry_run,
    )
    loaded = _load(chosen, order, file, context)
    rejects = _rejects(loaded, order, file, context)
    return _result(loaded, rejects, order, time.monotonic() - began)


def _load(target: Target, order: Order, file: File, context: Context) -> Loaded:
    def tell(phase: Phase, done: float, detail: str) -> None:
        begin, end = SHARES[phase]
        context.progress(begin + (end - begin) * done, f"{phase}: {detail}" if detail else phase)

    with context.open(file) as source:
        return load_into(target, order, source, file.size, tell, context.secret)


def _rejects(loaded: Loaded, order: Order, file: File, context: Context) -> FileReference | None:
    if not loaded.reasons:
        return None
    name = f"rejects of {file.name}"[:200]
    with context.open(file) as source, context.new_file(name, "text/csv") as out:
        write_rejects(source, order, unpacked(loaded.reasons), out)  # type: ignore[arg-type]
    return out.reference


def _result(loaded: Loaded, rejects: FileReference | None, order: Order, seconds: float) -> LoadResult:
    counts = loaded.counts
    return {
        "read": counts.read,
        "written": counts.written,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "deleted": counts.deleted,
        "skipped": counts.skipped,
        "bad": [
            {"line": b.line, "column": b.column, "value": b.value, "reason": b.reason} for b in loaded.bad
        ],
        "rejects": rejects,
        "dry_run": order.dry_run,
        "repeated": loaded.repeated,
        "create_table": loaded.create_table,
        "seconds": round(seconds, 3),
        "rows_per_second": round(counts.read / max(seconds, 0.001)),
    }


class _AsConfigured:
    """The form of the arguments, which depends on the targets that there are when it is asked."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        found = handler.resolve_ref_schema(handler(schema))
        names = [name for name, target in configuration().targets.items() if target.tables]
        described = found["properties"]["target"]
        allowed = {"enum": names} if names else {"not": {}, "description": _NO_TARGET}
        return {**found, "properties": {**found["properties"], "target": {**described, **allowed}}}


_NO_TARGET = f"There is none yet: the operator must set {SETTING}."


def _checked(arguments: dict[str, Any]) -> dict[str, Any]:
    """Raises pydantic's ValidationError, at the field."""
    configuration().targets.check_table(arguments["target"], arguments["table"])
    mode, key = arguments.get("mode", "append"), arguments.get("key", [])
    if key and mode not in ("append_new", "upsert"):
        raise refused("key", key, f"is for the modes append_new and upsert, and the mode is {mode}")
    if len(set(key)) < len(key):
        raise refused("key", key, f"must name each column once, got {received(key)}")
    if arguments.get("delimiter", ",") == arguments.get("quote", '"'):
        raise refused("quote", arguments.get("quote"), "must be another character than the delimiter")
    columns = arguments.get("columns")
    if columns is not None and not columns:
        raise refused("columns", columns, "must name at least one column")
    return arguments


def _unavailable() -> Unavailable | None:
    if configuration().targets.can_be_loaded:
        return None
    return Unavailable("no target has a table that tasks may load", f"name targets in the file of {SETTING}")


_SHAPE: Any = Annotated[
    read_signature(load_csv).arguments._type,  # noqa: SLF001 (the type that the signature makes)
    AfterValidator(_checked),
    _AsConfigured(),
]
FORM: TypeAdapter[dict[str, Any]] = TypeAdapter(_SHAPE)

operation(
    idempotent=True,  # a row in the target keeps it from being done twice
    timeout_seconds=3_600 + MARGIN_SECONDS,
    backoff=Backoff(base_seconds=5, factor=4),
    errors=ERRORS,
    form=FORM,
    limits_of=lambda arguments: configuration().targets.limits(arguments["target"]),
    unavailable_of=_unavailable,
)(load_csv)
