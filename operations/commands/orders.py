"""From a command and the arguments of a task to what is executed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from operations.commands.definition import Command, SecretName

STANDARD_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


@dataclass(frozen=True, slots=True)
class Order:
    """What is executed, where, and with which environment: with no other variables than these."""

    argv: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    directory: str


def order_of(command: Command, arguments: Mapping[str, Any], secret: Callable[[str], str]) -> Order:
    """The command with checked arguments in their places. `secret` gives a secret's value by its name."""
    program = command.argv[0]
    assert isinstance(program, str)  # noqa: S101 (the command was checked)
    return Order(
        argv=[program, *elements(command, texts(command, arguments))],
        environment=STANDARD_ENVIRONMENT | _own_environment(command, secret),
        directory=command.directory,
    )


def texts(command: Command, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The arguments and the defaults of those that are not given, as the command gets them."""
    defaults = {
        name: argument.default for name, argument in command.arguments.items() if argument.default is not None
    }
    return {name: str(value) for name, value in {**defaults, **arguments}.items()}


def elements(command: Command, values: Mapping[str, str]) -> list[str]:
    """The argv behind the program. A group of which an argument is not given is left out."""
    return [
        template.fill(values)
        for group in command.groups()
        if all(name in values for template in group for name in template.names())
        for template in group
    ]


def _own_environment(command: Command, secret: Callable[[str], str]) -> dict[str, str]:
    return {
        name: secret(value.name) if isinstance(value, SecretName) else value
        for name, value in command.environment.items()
    }
