"""The types of parameters in which a secret may stand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, cast

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from operations.secrets.access import SecretAccess
from operations.secrets.references import KEY, NAME_PATTERN, SecretReference, is_reference, split

ACCESS = "secrets"
"""Under which validators find their SecretAccess."""
REFERENCE_SCHEMA = {
    "type": "object",
    "title": "Secret",
    "description": "The name of a secret that the operator lets this operation read.",
    "properties": {KEY: {"type": "string", "pattern": NAME_PATTERN}},
    "required": [KEY],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Secret:
    """Put it last into `Annotated[str, ...]`: what stands before it is asked of the text alone."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_wrap_validator_function(
            _text_or_reference,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(_as_stored),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [handler(schema["schema"]), REFERENCE_SCHEMA]}


@dataclass(frozen=True, slots=True)
class _AnyJson:
    """Takes any JSON, with references to secrets anywhere in it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(_json_with_references, handler(source))


SecretText = Annotated[str, Secret()]
"""Text, or a reference to a secret. The function receives text in either case."""
Json = Annotated[Any, _AnyJson()]
"""Any JSON, in which references to secrets may stand. The function receives it with text in their places."""


def _text_or_reference(value: Any, handler: Callable[[Any], Any], info: ValidationInfo) -> Any:
    if not is_reference(value):
        return handler(value)
    found = _resolved(value, info)
    if isinstance(found, SecretReference):
        return found
    try:
        return handler(found)
    except ValidationError:  # which shows the value
        detail = "must be what this argument takes, but the secret's value is not"
        raise PydanticCustomError("invalid_secret", "{detail}", {"detail": detail}) from None


def _json_with_references(value: Any, info: ValidationInfo) -> Any:
    if is_reference(value):
        found = _resolved(value, info)
        return {KEY: str(found)} if isinstance(found, SecretReference) else found
    if isinstance(value, dict):
        return {key: _json_with_references(item, info) for key, item in value.items()}
    if isinstance(value, list):
        return [_json_with_references(item, info) for item in value]
    return value


def _resolved(reference: dict[str, Any], info: ValidationInfo) -> str:
    """At the door a SecretReference, in the worker the value."""
    return cast("SecretAccess", cast("Any", info.context)[ACCESS]).take(*split(reference[KEY]))


def _as_stored(value: Any) -> Any:
    return {KEY: str(value)} if isinstance(value, SecretReference) else value
