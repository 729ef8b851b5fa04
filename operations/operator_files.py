"""Files in which the operator names things: TOML or JSON."""

import json
import tomllib
from pathlib import Path
from typing import Any


class InvalidFile(Exception):
    """The file is not there, or something in it is wrong. One line for each thing to mend."""


def read_document(path: Path) -> Any:
    """What a file says. Raises InvalidFile."""
    parse = {".toml": tomllib.loads, ".json": json.loads}.get(path.suffix)
    if parse is None:
        raise InvalidFile(f"{path}: must end in .toml or .json")
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidFile(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidFile(f"{path}: is no {path.suffix[1:].upper()}: {error}") from error


def line(path: Path, place: tuple[str | int, ...], detail: str) -> str:
    """What is wrong at a place of a file."""
    where = ".".join(map(str, place))
    return f"{path}: {where + ': ' if where else ''}{detail}"
