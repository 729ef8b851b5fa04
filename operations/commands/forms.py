"""What a task says to run a command. Which arguments there are depends on the command."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from operations.commands.arguments import Argument
from operations.commands.definition import Command
from operations.commands.orders import texts
from values.validation import strict_object, strict_shape
from values.wording import received


@dataclass(frozen=True, slots=True)
class CommandForm:
    """The validator of `{"command": name, "arguments": {...}}` for one command, and its JSON Schema."""

    command: Command
    adapter: TypeAdapter[dict[str, Any]]
    schema: dict[str, Any]


def form_of(name: str, command: Command) -> CommandForm:
    """The form of one command."""
    fields = {each: _field(argument) for each, argument in command.arguments.items()}
    shape = strict_shape(f"Arguments of {name}", fields)
    needed = any(map(_is_needed, command.arguments.values()))
    checked = _annotated(shape, AfterValidator(lambda values: _without_options(command, values)))
    order = {"command": Literal[name], "arguments": _optional(checked, needed)}
    schema = {
        "title": name,
        "description": command.description,
        "properties": {"command": {"const": name}, "arguments": TypeAdapter(shape).json_schema()},
        "required": list(order) if needed else ["command"],
    }
    return CommandForm(command, strict_object(f"Order of {name}", order), schema)


def _is_needed(argument: Argument) -> bool:
    return argument.required and argument.default is None


def _field(argument: Argument) -> Any:
    schema: dict[str, Any] = {} if argument.default is None else {"default": argument.default}
    described = Field(description=argument.description or None, json_schema_extra=schema)
    return _optional(_annotated(argument.limits(), described), _is_needed(argument))


def _annotated(annotation: Any, metadata: Any) -> Any:
    return Annotated[annotation, metadata]


def _optional(annotation: Any, needed: bool) -> Any:
    return annotation if needed else NotRequired[annotation]


def _without_options(command: Command, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments themselves. Raises ValidationError where one would be taken for an option."""
    if errors := list(_options(command, arguments)):
        raise ValidationError.from_exception_data("arguments", errors)
    return arguments


def _options(command: Command, arguments: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    values = texts(command, arguments)
    made = {template.option_made_by(values) for group in command.groups() for template in group}
    for name, value in arguments.items():
        if name in made and not command.arguments[name].allow_leading_dash:
            detail = f"must not begin with a dash, got {received(value)}"
            refusal = PydanticCustomError("looks_like_an_option", "{detail}", {"detail": detail})
            yield InitErrorDetails(type=refusal, loc=(name,), input=value)
