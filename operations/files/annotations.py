"""What may be asked of a file behind `File` in `Annotated`, and how a result names one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, with_config
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from operations.files.file import LIMITS, File, refusal
from operations.files.references import ID_PATTERN
from values.wording import quoted


class Media:
    """Behind `File` in `Annotated`: of which types it may be, such as `text/csv`, or `text/*` for all of a kind."""

    def __init__(self, *types: str) -> None:
        if not types or not all(each.count("/") == 1 for each in types):
            raise ValueError(f"must be media types such as text/csv or text/*, got {types!r}")
        self.types = types

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _checked(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _limited(handler(schema), {"media": list(self.types)})

    def _check(self, file: File) -> None:
        if not any(_fits(each, file.media_type) for each in self.types):
            got = f"{quoted(file.name)} of type {file.media_type}"
            raise refusal(
                "wrong_media",
                f"must be a file of type {' or '.join(self.types)}, got {got}; upload it as that type",
            )


@dataclass(frozen=True, slots=True)
class MaxBytes:
    """Behind `File` in `Annotated`: how many bytes it may have."""

    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _checked(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _limited(handler(schema), {"max_bytes": self.most})

    def _check(self, file: File) -> None:
        if file.size > self.most:
            detail = f"must be a file of at most {self.most} bytes, got {quoted(file.name)} of {file.size}"
            raise refusal("file_too_large", detail)


FileReference = TypedDict(
    "FileReference", {"$file": Annotated[str, Field(pattern=ID_PATTERN, max_length=36)]}
)
"""In a result: a file that the operation made, as `context.new_file` tells it."""
with_config(ConfigDict(strict=True, extra="forbid"))(FileReference)


def reference_to(file: File) -> FileReference:
    """What arguments and results have in place of a file."""
    return {"$file": str(file.id)}


def _checked(check: Callable[[File], None], schema: CoreSchema) -> CoreSchema:
    def look(value: Any) -> Any:
        if isinstance(value, File):  # a reference that nobody has followed yet says nothing
            check(value)
        return value

    return core_schema.no_info_after_validator_function(look, schema)


def _limited(schema: JsonSchemaValue, limit: dict[str, Any]) -> JsonSchemaValue:
    return {**schema, LIMITS: {**schema.get(LIMITS, {}), **limit}}


def _fits(expected: str, media_type: str) -> bool:
    return media_type.startswith(expected[:-1]) if expected.endswith("/*") else media_type == expected
