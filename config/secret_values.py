"""Where the values of secrets come from: files, or the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

from operations.secrets import SecretUnavailable

MAX_BYTES = 8_192
"""The work of masking one grows with its length."""


@dataclass(frozen=True, slots=True)
class SecretValues:
    """The values on this machine: `folder/<name>`, else the variable `SECRET_<NAME>`."""

    folder: Path

    def read(self, name: str) -> str:
        """The value, without the line end at its end. Raises SecretUnavailable."""
        path = self.folder / name
        try:
            data = path.read_bytes()[: MAX_BYTES + 1]
        except FileNotFoundError:
            return _from_environment(name, path)
        except OSError as error:
            raise SecretUnavailable(f"cannot be read from {path}: {error.strerror}") from error
        return _text(data, path)


def _from_environment(name: str, path: Path) -> str:
    variable = f"SECRET_{name.upper()}"
    value = os.environ.get(variable)
    if not value:
        raise SecretUnavailable(
            f"has no value on this worker: there is neither the file {path} nor the variable {variable}"
        )
    if len(value.encode(errors="surrogateescape")) > MAX_BYTES:
        raise SecretUnavailable(f"must have at most {MAX_BYTES} bytes, but the variable {variable} has more")
    return value


def _text(data: bytes, path: Path) -> str:
    if len(data) > MAX_BYTES:
        raise SecretUnavailable(f"must have at most {MAX_BYTES} bytes, but {path} has more")
    try:
        return data.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        # Without the error, which holds the bytes.
        raise SecretUnavailable(f"must be UTF-8, but {path} is not") from None
