"""A file, as operations know it: a parameter is annotated with it, and arguments have a reference in its place."""

from dataclasses import dataclass
from typing import Any, Protocol, cast
from uuid import UUID

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from operations.files.references import (
    HOW,
    ID_PATTERN,
    KEY,
    LONGEST_AGE_SECONDS,
    MAX_PATTERN_LENGTH,
    Malformed,
    Reference,
    read,
)
from values.wording import received

LIMITS = "x-file"
"""What a schema says of the files that fit: `{"media": ["text/csv"], "max_bytes": 1000}`."""
ACCESS = "files"
"""Under which validators find their FileAccess."""
_ID = {
    "type": "string",
    "format": "uuid",
    "pattern": ID_PATTERN,
    "description": "The `id` of a file of the project.",
}
_NEWEST = {
    "type": "object",
    "title": "NewestFile",
    "description": "The newest file of such a name; which one is decided, and recorded, when the task is made.",
    "properties": {
        "newest": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_PATTERN_LENGTH,
            "description": "Its name, in which `*` stands for any characters, and `?` for one.",
            "examples": ["daily-*.csv"],
        },
        "max_age_seconds": {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_AGE_SECONDS},
                {"type": "null"},
            ],
            "default": None,
            "description": "An older one does not count.",
        },
        "if_none": {
            "type": "string",
            "enum": ["fail", "skip"],
            "default": "fail",
            "description": "If there is none for an occurrence of a schedule: its task fails, or it has none, and its "
            "outcome is `skipped_no_file`.",
        },
    },
    "required": ["newest"],
    "additionalProperties": False,
}
REFERENCE_SCHEMA = {
    "type": "object",
    "title": "File",
    "properties": {KEY: {"anyOf": [_ID, _NEWEST]}},
    "required": [KEY],
    "additionalProperties": False,
    LIMITS: {},
}


class NoFile(Exception):
    """A reference leads to no file that can be used: a stable `code`, and a sentence's end as `reason`."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Access(Protocol):
    """What follows references, by the context of validation."""

    def take(self, reference: Reference) -> "File | Reference":
        """The file, or the reference where nobody asks which file it is. Raises NoFile."""


@dataclass(frozen=True, slots=True)
class File:
    """What is told of a file: its name is for people and no path, its size in bytes, its hash in hexadecimal digits."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            _file, serialization=core_schema.plain_serializer_function_ser_schema(_as_stored)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**REFERENCE_SCHEMA}


def _file(value: Any, info: ValidationInfo) -> File | Reference:
    try:
        reference = read(value)
        access: Access | None = (info.context or {}).get(ACCESS)
        return reference if access is None else access.take(reference)
    except Malformed as error:
        came = f", got {received(value)}" if str(error) == HOW else ""
        raise refusal("invalid_file", f"{error}{came}") from None
    except NoFile as error:
        raise refusal(error.code, error.reason) from None


def refusal(code: str, detail: str) -> PydanticCustomError:
    """For a validator: what is wrong with a value, as a code and a sentence's end."""
    return PydanticCustomError(cast("Any", code), "{detail}", {"detail": detail})


def _as_stored(value: Any) -> Any:
    return {KEY: str(value.id)} if isinstance(value, File) else value.written


def takes_file(schema: Any) -> bool:
    """Whether something in a core schema of pydantic is a File."""
    if isinstance(schema, dict):
        return schema.get("function") is _file or any(map(takes_file, schema.values()))
    return isinstance(schema, list | tuple) and any(map(takes_file, schema))
