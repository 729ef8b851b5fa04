"""The operation `query_to_csv`: what a query of the operator's gives, as a file."""

import time
from collections.abc import Callable
from typing import Annotated, Any

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
from operations.files import FileReference
from operations.load.collection import SETTING, Targets, parameters_schema
from operations.load.definition import MARGIN_SECONDS
from operations.load.failures import ERRORS
from operations.load.kinds import ask
from operations.load.rows import Delimiter
from operations.signature import read_signature

OWN_ERRORS = (
    "no_target", "target_unreachable", "target_busy", "target_too_slow", "target_refused", "not_installed",
)  # fmt: skip
TELL_EVERY_BYTES = 1024 * 1024


class Asked(TypedDict):
    """What a query gave. The file is UTF-8, with a header."""

    file: FileReference
    rows: int
    bytes: int
    seconds: float


def query_to_csv(
    target: Annotated[str, Field(description="The name of a database that the operator allows.")],
    query: Annotated[str, Field(description="The name of a query that the operator wrote for it.")],
    context: Context,
    parameters: Annotated[dict[str, Any], Field(description="What the query takes.")] = {},  # noqa: B006
    delimiter: Annotated[Delimiter, Field(description="What stands between cells.")] = ",",
    name: Annotated[
        str | None,
        Field(min_length=1, max_length=200, description="Of the file. Default: that of the query."),
    ] = None,
) -> Asked:
    """Write the rows that a query gives into a CSV file, as they come."""
    began = time.monotonic()
    targets = configuration().targets
    chosen = targets.get(target)
    if chosen is None or query not in chosen.queries:
        raise permanent("no_target", f"the operator allows no query {query} of a target {target}")
    values = targets.parameters(target, query, parameters)
    with context.new_file(name or f"{query}.csv", "text/csv") as out:
        rows = ask(chosen, query, values, delimiter, out, _teller(context), context.secret)
    return {
        "file": out.reference,
        "rows": rows,
        "bytes": out.size,
        "seconds": round(time.monotonic() - began, 3),
    }


def _teller(context: Context) -> Callable[[int], None]:
    """How much there will be, nobody knows before the end."""
    told = 0

    def tell(size: int) -> None:
        nonlocal told
        if size >= told:
            told = size + TELL_EVERY_BYTES
            context.progress(0, f"{size / 1e6:,.1f} MB")

    return tell


class _AsConfigured:
    """The form of the arguments, which depends on the queries that there are when it is asked."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        found = handler.resolve_ref_schema(handler(schema))
        properties, targets = found["properties"], configuration().targets
        names = [name for name, each in targets.items() if each.queries]
        if not names:
            nothing = {"not": {}, "description": f"There is none yet: the operator must set {SETTING}."}
            return {**found, "properties": {**properties, "target": {**properties["target"], **nothing}}}
        target = {**properties["target"], "enum": names}
        return {**found, "properties": {**properties, "target": target}, "oneOf": _choices(targets)}


def _choices(targets: Targets) -> list[dict[str, Any]]:
    choices = []
    for name, target in targets.items():
        for key, query in target.queries.items():
            schema = parameters_schema(name, key, query)
            needed = ["target", "query", *(["parameters"] if schema.get("required") else [])]
            fixed = {"target": {"const": name}, "query": {"const": key}, "parameters": schema}
            choices.append(
                {
                    "title": f"{name}.{key}",
                    "description": query.description,
                    "properties": fixed,
                    "required": needed,
                }
            )
    return choices


def _checked(arguments: dict[str, Any]) -> dict[str, Any]:
    """Raises pydantic's ValidationError, at the field."""
    configuration().targets.check_query(
        arguments["target"], arguments["query"], arguments.get("parameters", {})
    )
    return arguments


def _unavailable() -> Unavailable | None:
    if configuration().targets.can_be_asked:
        return None
    return Unavailable("no target has a query", f"name targets in the file of {SETTING}")


_SHAPE: Any = Annotated[
    read_signature(query_to_csv).arguments._type,  # noqa: SLF001 (the type that the signature makes)
    AfterValidator(_checked),
    _AsConfigured(),
]
FORM: TypeAdapter[dict[str, Any]] = TypeAdapter(_SHAPE)

operation(
    idempotent=True,  # it may only read
    timeout_seconds=3_600 + MARGIN_SECONDS,
    backoff=Backoff(base_seconds=5, factor=4),
    errors={word: ERRORS[word] for word in OWN_ERRORS},
    form=FORM,
    limits_of=lambda arguments: configuration().targets.limits(arguments["target"]),
    unavailable_of=_unavailable,
)(query_to_csv)
