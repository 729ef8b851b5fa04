"""Input from outside, checked strictly: nothing is converted, nothing unknown is let through."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from django.http import HttpRequest, QueryDict
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from rest.problems import FieldError, InvalidInput
from values.validation import MAX_ERRORS, explain_all
from values.wording import received


class Strict(BaseModel):
    """The form of a body or of a query. What a subclass does not name is refused."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    other_words: ClassVar[Mapping[str, str]] = {}
    """What others call its fields, or what to do instead as a sentence's end: hints for those who come from there."""


Form = TypeVar("Form", bound=Strict)

LONGEST_INSTANT = 40
LONGEST_EMPTY_BODY = 10
EMPTY_BODIES = (b"", b"{}", b"null")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_FRACTION = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")


def read_body(form: type[Form], body: Any) -> Form:
    """The body as a `form`. Raises InvalidInput with a pointer for each field that is wrong."""
    known = _names(form)
    body = _without_surplus(body, known)
    try:
        return form.model_validate(body)
    except ValidationError as error:
        raise InvalidInput(_errors(error, body, known, form.other_words)) from None


def _without_surplus(body: Any, known: Sequence[str]) -> Any:
    """An object without the unknown fields that would not be told: a million of them would take long to refuse."""
    if not isinstance(body, dict) or len(body) <= len(known) + MAX_ERRORS:
        return body
    kept = {*known, *islice((name for name in body if name not in known), MAX_ERRORS)}
    return {name: value for name, value in body.items() if name in kept}


def read_no_body(request: HttpRequest) -> None:
    """For paths that take no body. Raises InvalidInput where there is more of one than an empty object."""
    if not has_no_body(request):
        detail = "must be left out: this path takes no body, and parameters go in the query"
        raise InvalidInput([FieldError((), "unexpected_body", detail)])


def has_no_body(request: HttpRequest) -> bool:
    """Whether nothing was sent, or what stands for nothing."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    return length <= LONGEST_EMPTY_BODY and request.body.strip() in EMPTY_BODIES


def read_query(form: type[Form], query: QueryDict) -> Form:
    """The query parameters as a `form`. A parameter may be repeated only where the form has a list.

    Raises InvalidInput with the name of each parameter that is wrong.
    """
    _refuse_nul(query)
    values = {name: _values(form, name, given) for name, given in query.lists()}
    try:
        return form.model_validate(values)
    except ValidationError as error:
        known = _names(form)
        errors = [
            FieldError(found.location[:1], found.code, _with_known(found, known), parameter=True)
            for found in _errors(error, values, known, form.other_words)
        ]
        raise InvalidInput(errors) from None


@cache
def _names(form: type[Strict]) -> Sequence[str]:
    """What its fields are called outside; `from` cannot be the name of one in Python."""
    return tuple(field.alias or name for name, field in form.model_fields.items())


def _refuse_nul(query: QueryDict) -> None:
    """No text in the database has it, and its driver cannot even ask for it."""
    names = [name for name, given in query.lists() if any("\0" in value for value in given)]
    if names:
        detail = "must not contain the NUL character"
        raise InvalidInput(FieldError((name,), "nul_character", detail, parameter=True) for name in names)


def _values(form: type[Strict], name: str, given: list[Any]) -> Any:
    field = form.model_fields.get(name)
    takes_many = field is not None and isinstance(field.get_default(call_default_factory=True), list)
    return given if takes_many or len(given) > 1 else given[0]


def _with_known(error: FieldError, known: Iterable[str]) -> str:
    if error.code != "unknown_field":
        return error.detail
    return f"is not a known parameter; known are: {', '.join(sorted(known)) or 'none'}"


def _errors(
    error: ValidationError, document: Any, known: Iterable[str], other_words: Mapping[str, str]
) -> list[FieldError]:
    found = explain_all(error, document, known, other_words)
    return [FieldError(path, code, detail) for path, code, detail in found]


def refusal(code: str, detail: str) -> PydanticCustomError:
    """What a validator of ours raises."""
    return PydanticCustomError(code, "{detail}", {"detail": detail})


def _instant(value: Any) -> datetime:
    instant = _datetime(value)
    if instant is None:
        lost = isinstance(value, str) and _datetime(value.replace(" ", "+")) is not None
        hint = ", with %2B for the + of an offset" if lost else ""
        raise _no_instant(f"must be a time such as 2026-03-29T01:30:00Z{hint}", value)
    if instant.tzinfo is None:
        raise _no_instant("must have an offset, such as Z or +02:00", value)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise _no_instant("must be within the years 1 to 9999", value) from None


def _datetime(value: Any) -> datetime | None:
    """Python reads more forms than RFC 3339 has; a date alone is the one that would surprise."""
    if not isinstance(value, str) or len(value) > LONGEST_INSTANT or "T" not in value.upper():
        return None
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        return None


def _no_instant(expectation: str, value: Any) -> PydanticCustomError:
    return refusal("invalid_datetime", f"{expectation}, got {received(value)}")


def _number_in_text(value: Any) -> Any:
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else value


def _fraction_in_text(value: Any) -> Any:
    return float(value) if isinstance(value, str) and _FRACTION.fullmatch(value) else value


def _flag_in_text(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _uuid_in_text(value: Any) -> Any:
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise refusal(
            "invalid_uuid", f"must be an id such as this service gives, got {received(value)}"
        ) from None


Instant = Annotated[datetime, BeforeValidator(_instant, json_schema_input_type=datetime)]
"""RFC 3339 with an offset; becomes UTC."""

QueryInt = Annotated[int, BeforeValidator(_number_in_text)]
QueryFloat = Annotated[float, BeforeValidator(_fraction_in_text)]
QueryFlag = Annotated[bool, BeforeValidator(_flag_in_text)]
QueryUUID = Annotated[UUID, BeforeValidator(_uuid_in_text)]
