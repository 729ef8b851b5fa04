"""Small programs to run as commands."""

import sys
from typing import Any

from operations.commands import Command, Commands

PYTHON = sys.executable


def command(*argv: str | list[str], **fields: Any) -> Command:
    """A command as the operator's file would define it."""
    return Command.model_validate({"description": "For a test.", "argv": list(argv), **fields})


def python(code: str, *argv: str | list[str], **fields: Any) -> Command:
    """A command that is a little Python; what its code has in braces is no place for an argument."""
    escaped = code.replace("{", "{{").replace("}", "}}")
    return command(PYTHON, "-I", "-c", escaped, *argv, **fields)


def shell(script: str, *argv: str | list[str], **fields: Any) -> Command:
    """A command that is a script of the shell; `$1` is the first of `argv`."""
    escaped = script.replace("{", "{{").replace("}", "}}")
    return command("/bin/sh", "-c", escaped, "script", *argv, **fields)


def only(one: Command) -> Commands:
    """It alone, under the name `it`."""
    return Commands({"it": one})


ANY_TEXT = {"type": "string", "pattern": "(?s:.*)", "min_length": 0, "allow_leading_dash": True}
