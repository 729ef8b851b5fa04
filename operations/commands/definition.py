"""What the operator says of a command: its argv, the arguments that stand in it, its surroundings and limits."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from operations.commands.arguments import MAX_LENGTH, Argument, Form
from operations.commands.templates import CommandTemplate
from operations.limits import MAX_TIMEOUT_SECONDS
from operations.secrets import NAME_PATTERN

MAX_ELEMENTS = 1_000


def _absolute(path: str) -> str:
    if not PurePosixPath(path).is_absolute():
        raise ValueError(f"must be an absolute path, got {path}")
    return _without_nul(path)


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the NUL character")
    return text


def _elements(template: str) -> str:
    CommandTemplate(template).names()
    return template


Text = Annotated[str, Field(max_length=MAX_LENGTH), AfterValidator(_without_nul)]
Element = Annotated[Text, AfterValidator(_elements)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
ExitCode = Annotated[int, Field(ge=0, le=255)]


class SecretName(Form):
    """A secret in the place of a variable's value."""

    name: Annotated[str, Field(alias="$secret", pattern=NAME_PATTERN)]


class Command(Form):
    """A command. An element of `argv` that is a list is left out where an argument in it is not given.

    `example`: arguments to show in the catalogue.
    """

    description: Annotated[str, Field(min_length=1, max_length=1_000)]
    argv: Annotated[list[Element | list[Element]], Field(min_length=1, max_length=MAX_ELEMENTS)]
    arguments: dict[Name, Argument] = {}
    environment: dict[VariableName, Text | SecretName] = {}
    directory: Annotated[str, AfterValidator(_absolute)] = "/"
    timeout_seconds: Annotated[float, Field(gt=0, le=MAX_TIMEOUT_SECONDS)] = 3_600
    success_exit_codes: Annotated[list[ExitCode], Field(min_length=1)] = [0]
    retry_exit_codes: list[ExitCode] = []
    idempotent: bool = False
    example: dict[Name, Any] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_program(self.argv[0])
        _check_places(self)
        if both := set(self.success_exit_codes) & set(self.retry_exit_codes):
            raise ValueError(f"success_exit_codes and retry_exit_codes both have {min(both)}")
        return self

    def secrets(self) -> list[str]:
        """The names of the secrets that its environment holds."""
        return [value.name for value in self.environment.values() if isinstance(value, SecretName)]

    def groups(self) -> list[list[CommandTemplate]]:
        """The elements of `argv` behind the program; those of one group are left out together."""
        return [
            [CommandTemplate(text) for text in ([element] if isinstance(element, str) else element)]
            for element in self.argv[1:]
        ]


def _check_program(program: str | list[str]) -> None:
    if not isinstance(program, str) or "{" in program or not PurePosixPath(program).is_absolute():
        raise ValueError("argv must begin with the absolute path of a program")


def _check_places(command: Command) -> None:
    used: set[str] = set()
    for element, group in zip(command.argv[1:], command.groups(), strict=True):
        names = [name for template in group for name in template.names()]
        if isinstance(element, list) and not names:
            raise ValueError("argv has a list without an argument in it, which would never be left out")
        for name in names:
            _check_place(name, command.arguments, left_out=isinstance(element, list))
        used.update(names)
    if unused := command.arguments.keys() - used:
        raise ValueError(f"argv does not use the argument {min(unused)}")


def _check_place(name: str, arguments: Mapping[str, Argument], *, left_out: bool) -> None:
    if name not in arguments:
        raise ValueError(f"argv uses {{{name}}}, which is not among the arguments")
    argument = arguments[name]
    if not (argument.required or argument.default is not None or left_out):
        raise ValueError(
            f"argv uses {{{name}}}, which need not be given: put the element into a list, "
            "which is left out then, or give the argument a default"
        )
