"""The file in which the operator names commands: TOML or JSON."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from operations.commands.collection import Commands
from operations.commands.definition import Command, Name
from operations.operator_files import InvalidFile, line, read_document
from values.validation import explain_all

_FILE: TypeAdapter[dict[str, Command]] = TypeAdapter(dict[Name, Command])


def read_commands(path: Path) -> Commands:
    """The commands that a file names. Raises InvalidFile."""
    document = read_document(path)
    try:
        commands = Commands(_FILE.validate_python(document))
    except ValidationError as error:
        lines = [line(path, found.path, found.detail) for found in explain_all(error, document)]
        raise InvalidFile("\n".join(lines)) from None
    _check_examples(path, commands)
    return commands


def _check_examples(path: Path, commands: Commands) -> None:
    for order in commands.examples():
        try:
            commands.validate(order)
        except ValidationError as error:
            found = explain_all(error, order)[0]
            place = (order["command"], "example", *found.path[1:])
            raise InvalidFile(line(path, place, found.detail)) from None
