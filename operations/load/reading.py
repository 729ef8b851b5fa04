"""The file in which the operator names targets: TOML or JSON."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from operations.commands.definition import Name
from operations.load.collection import Targets
from operations.load.definition import Target
from operations.operator_files import InvalidFile, line, read_document
from values.validation import explain_all

_FILE: TypeAdapter[dict[str, Target]] = TypeAdapter(dict[Name, Target])


def read_targets(path: Path) -> Targets:
    """The targets that a file names. Raises InvalidFile."""
    document = read_document(path)
    try:
        return Targets(_FILE.validate_python(document))
    except ValidationError as error:
        lines = [line(path, found.path, found.detail) for found in explain_all(error, document)]
        raise InvalidFile("\n".join(lines)) from None
