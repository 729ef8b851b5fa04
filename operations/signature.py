"""What a function's signature says: the arguments it takes, the result it gives."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, get_type_hints

from pydantic import Field, PydanticSchemaGenerationError, TypeAdapter
from pydantic_core import to_jsonable_python

from operations.context import Context
from operations.files.file import takes_file
from values.validation import strict_object

_DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
_NAMED_PARAMETERS = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}


@dataclass(frozen=True, slots=True)
class Signature:
    """The typed arguments and result of a function, and where it wants its Context, if at all."""

    names: tuple[str, ...]
    context_name: str | None
    arguments: TypeAdapter[dict[str, Any]]
    result: TypeAdapter[Any]
    takes_files: bool = False

    def arguments_schema(self) -> dict[str, Any]:
        return _DIALECT | self.arguments.json_schema()

    def result_schema(self) -> dict[str, Any]:
        return _DIALECT | self.result.json_schema(mode="serialization")


def read_signature(function: Callable[..., Any]) -> Signature:
    """Raises TypeError for a function that cannot be an operation, saying why."""
    hints = get_type_hints(function, include_extras=True)
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"{function.__name__} must be an ordinary function, not a coroutine")
    if "return" not in hints:
        raise TypeError(f"{function.__name__} must annotate what it returns")
    fields: dict[str, Any] = {}
    context_name = None
    for parameter in _parameters(function, hints):
        if hints[parameter.name] is Context:
            context_name = parameter.name
        else:
            fields[parameter.name] = _field(parameter, hints[parameter.name])
    try:
        arguments = strict_object(f"Arguments of {function.__name__}", fields)
        takes_files = takes_file(arguments.core_schema)
        return Signature(tuple(fields), context_name, arguments, TypeAdapter(hints["return"]), takes_files)
    except PydanticSchemaGenerationError as error:
        reason = str(error).partition(". ")[0]
        raise TypeError(f"{function.__name__} has a type that JSON cannot have: {reason}") from error


def _parameters(function: Callable[..., Any], hints: dict[str, Any]) -> Iterator[inspect.Parameter]:
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in _NAMED_PARAMETERS:
            raise TypeError(f"{function.__name__}: {parameter} cannot be passed by one name")
        if parameter.name not in hints:
            raise TypeError(f"{function.__name__} must annotate its parameter {parameter.name}")
        yield parameter


def _field(parameter: inspect.Parameter, annotation: Any) -> Any:
    if parameter.default is parameter.empty:
        return annotation
    default = to_jsonable_python(parameter.default)
    return NotRequired[Annotated[annotation, Field(json_schema_extra={"default": default})]]
