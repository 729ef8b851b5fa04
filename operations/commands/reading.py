"""The file in which the operator names commands: TOML or JSON."""

import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from operations.commands.collection import Commands
from operations.commands.definition import Command, Name
from values.validation import explain_all

_FILE: TypeAdapter[dict[str, Command]] = TypeAdapter(dict[Name, Command])


class InvalidCommands(Exception):
    """The file is not there, or something in it is wrong. One line for each thing to mend."""


def read_commands(path: Path) -> Commands:
    """The commands that a file names. Raises InvalidCommands."""
    document = _document(path)
    try:
        commands = Commands(_FILE.validate_python(document))
    except ValidationError as error:
        lines = [_line(path, found.path, found.detail) for found in explain_all(error, document)]
        raise InvalidCommands("\n".join(lines)) from None
    _check_examples(path, commands)
    return commands


def _check_examples(path: Path, commands: Commands) -> None:
    for order in commands.examples():
        try:
            commands.validate(order)
        except ValidationError as error:
            found = explain_all(error, order)[0]
            place = (order["command"], "example", *found.path[1:])
            raise InvalidCommands(_line(path, place, found.detail)) from None


def _document(path: Path) -> Any:
    parse = {".toml": tomllib.loads, ".json": json.loads}.get(path.suffix)
    if parse is None:
        raise InvalidCommands(f"{path}: must end in .toml or .json")
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidCommands(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidCommands(f"{path}: is no {path.suffix[1:].upper()}: {error}") from error


def _line(path: Path, place: tuple[str | int, ...], detail: str) -> str:
    where = ".".join(map(str, place))
    return f"{path}: {where + ': ' if where else ''}{detail}"
