"""All targets that there are, and what a task may ask of them."""

from collections.abc import Iterator, Mapping
from typing import Any, NotRequired

from pydantic import TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from operations.limits import Limits
from operations.load.definition import MARGIN_SECONDS, Query, Target, table_parts
from values.validation import strict_object, strict_shape
from values.wording import received

SETTING = "LOAD_TARGETS_FILE"
NONE = f"must name a target that the operator allows, and there is none (the setting {SETTING})"


class Targets:
    """The targets by name. By default there are none."""

    def __init__(self, by_name: Mapping[str, Target] | None = None) -> None:
        self._by_name = dict(sorted((by_name or {}).items()))
        self._forms = {
            (name, query): _form(name, query, asked)
            for name, target in self._by_name.items()
            for query, asked in target.queries.items()
        }

    def get(self, name: str) -> Target | None:
        """The target of that name, if there is one."""
        return self._by_name.get(name)

    def items(self) -> list[tuple[str, Target]]:
        """Each with its name, in the order of the names."""
        return list(self._by_name.items())

    def limits(self, name: str) -> Limits:
        """How long a task may work with a target, and how often it is tried. One that is gone fails soon enough."""
        target = self.get(name)
        return Limits((target.timeout_seconds if target else 1) + MARGIN_SECONDS, 3, idempotent=True)

    @property
    def can_be_loaded(self) -> bool:
        """Whether there is a table for rows."""
        return any(target.tables for target in self._by_name.values())

    @property
    def can_be_asked(self) -> bool:
        """Whether there is a query."""
        return any(target.queries for target in self._by_name.values())

    def check_table(self, target: str, table: str) -> None:
        """Raises pydantic's ValidationError unless the table may be loaded."""
        names = [name for name, each in self.items() if each.tables]
        found = self._known(target, names)
        try:
            table_parts(table)
        except ValueError as error:
            raise refused("table", table, f"{error}, got {received(table)}") from None
        if not found.allows(table):
            allowed = ", ".join(found.tables)
            expected = f"must be a table that the operator lets tasks load into {target} ({allowed})"
            raise refused("table", table, f"{expected}, got {received(table)}")

    def check_query(self, target: str, query: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters as the query gets them. Raises pydantic's ValidationError."""
        names = [name for name, each in self.items() if each.queries]
        found = self._known(target, names)
        if query not in found.queries:
            known = " or ".join(found.queries)
            raise refused("query", query, f"must be a query of {target} ({known}), got {received(query)}")
        return self.parameters(target, query, parameters)

    def parameters(self, target: str, query: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """As `check_query`, for a query that there is."""
        try:
            # As JSON, for only so strict validation takes text for a date.
            text = TypeAdapter(Any).dump_json(parameters)
            return self._forms[target, query].validate_json(text, strict=True)
        except ValidationError as error:
            raise ValidationError.from_exception_data("parameters", list(_inner(error))) from None

    def _known(self, name: str, names: list[str]) -> Target:
        if not names:
            raise refused("target", name, NONE)
        if name not in names:
            raise refused("target", name, f"must be {' or '.join(names)}, got {received(name)}")
        return self._by_name[name]


def _form(target: str, name: str, query: Query) -> TypeAdapter[dict[str, Any]]:
    return strict_object(f"Parameters of {target}.{name}", _fields(query))


def parameters_schema(target: str, name: str, query: Query) -> dict[str, Any]:
    """The JSON Schema of what the query takes."""
    return TypeAdapter(strict_shape(f"Parameters of {target}.{name}", _fields(query))).json_schema()


def _fields(query: Query) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, parameter in query.parameters.items():
        needed = getattr(parameter, "required", True) and getattr(parameter, "default", None) is None
        fields[name] = parameter.limits() if needed else NotRequired[parameter.limits()]
    return fields


def refused(field: str, value: Any, detail: str) -> ValidationError:
    """What is wrong with one field of the arguments, for pydantic."""
    kind = PydanticCustomError("not_allowed", "{detail}", {"detail": detail})
    return ValidationError.from_exception_data(
        "arguments", [InitErrorDetails(type=kind, loc=(field,), input=value)]
    )


def _inner(error: ValidationError) -> Iterator[InitErrorDetails]:
    for each in error.errors(include_url=False):
        place = ("parameters", *each["loc"])
        yield InitErrorDetails(type=each["type"], loc=place, input=each["input"], ctx=each.get("ctx", {}))
