"""What a task is to do, as clients say it: in a task, in an item of a batch, and in a task schedule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from operations import InvalidArguments, InvalidLimits, Operation, UnknownOperation, catalogue, is_expression
from operations.files import FileAccess, file_ids
from operations.limits import MAX_ATTEMPTS, MAX_TIMEOUT_SECONDS
from rest.input import Strict
from rest.problems import FieldError, InputTooLarge, InvalidInput
from tasks_api.models import LONGEST_TAG
from tasks_api.submission import DEFAULT_PRIORITY

TOO_LARGE = "too_large"
"""How operations call arguments that have too many bytes."""

Priority = Annotated[int, Field(ge=0, le=9)]
MOST_TAGS = 20
Tag = Annotated[str, Field(min_length=1, max_length=LONGEST_TAG)]


class TemplateBody(Strict):
    """The fields that tasks and task schedules have in common. `null` stands for the default."""

    operation: Annotated[
        str,
        Field(
            min_length=1,
            max_length=1_000,
            description="A name from `GET /operations/`, or an arithmetic expression, which is short for `calculate`.",
        ),
    ]
    arguments: Annotated[
        dict[str, Any] | None, Field(description="As described by the operation's `arguments_schema`.")
    ] = None
    priority: Annotated[Priority | None, Field(description="9 is the most urgent. Default 5.")] = None
    timeout_seconds: Annotated[
        float | None,
        Field(
            gt=0, le=MAX_TIMEOUT_SECONDS, description="The limit for one attempt. Default: the operation's."
        ),
    ] = None
    max_attempts: Annotated[
        int | None,
        Field(
            ge=1,
            le=MAX_ATTEMPTS,
            description="How many attempts may fail. Default: the operation's; usually 3 if idempotent, else 1.",
        ),
    ] = None
    tags: Annotated[list[Tag] | None, Field(max_length=MOST_TAGS)] = None


@dataclass(frozen=True, slots=True)
class TaskTemplate:
    """A checked template with every default filled in."""

    operation: str
    arguments: Mapping[str, Any]
    priority: int
    timeout_seconds: float
    max_attempts: int
    retry_when_lost: bool
    tags: Sequence[str]
    files: Sequence[UUID] = ()
    """Those that its arguments refer to."""

    def as_fields(self) -> dict[str, Any]:
        """The fields of NewTask that this fixes."""
        return {name: getattr(self, name) for name in self.__slots__}


def resolve(body: TemplateBody, files: FileAccess | None = None) -> TaskTemplate:
    """Find the operation and check its arguments, and with `files` what they refer to. Raises InvalidInput."""
    operation, arguments = _checked(body, files)
    try:
        limits = operation.limits(arguments)
    except InvalidLimits as error:
        raise _wrong("operation", "invalid_limits", f"has to be mended on the server: {error}") from error
    return TaskTemplate(
        operation=operation.name,
        arguments=arguments,
        priority=DEFAULT_PRIORITY if body.priority is None else body.priority,
        timeout_seconds=float(limits.timeout_seconds)
        if body.timeout_seconds is None
        else body.timeout_seconds,
        max_attempts=limits.max_attempts if body.max_attempts is None else body.max_attempts,
        retry_when_lost=limits.idempotent,
        tags=body.tags or [],
        files=file_ids(arguments) if operation.takes_files else (),
    )


def _checked(body: TemplateBody, files: FileAccess | None) -> tuple[Operation, dict[str, Any]]:
    """The operation and its arguments."""
    try:
        operation = catalogue.get(body.operation)
    except UnknownOperation as error:
        if not is_expression(body.operation):
            raise _wrong("operation", "unknown_operation", f"{error} (GET /operations/ lists them)") from None
        return _calculation(body)
    if lack := operation.unavailable:
        raise _wrong("operation", "unavailable", f"cannot run here: {lack.reason}. To mend it: {lack.mend}")
    try:
        return operation, operation.validate(body.arguments or {}, files=files)
    except InvalidArguments as error:
        raise _refused(FieldError(("arguments", *found.path), *found[1:]) for found in error.errors) from None


def _calculation(body: TemplateBody) -> tuple[Operation, dict[str, Any]]:
    """The short form: what is wrong with the expression is wrong with `operation`."""
    if body.arguments:
        detail = "must be left out where `operation` is an expression"
        raise _wrong("arguments", "conflict", detail)
    calculate = catalogue.get("calculate")
    try:
        return calculate, calculate.validate({"expression": body.operation})
    except InvalidArguments as error:
        raise _refused(FieldError(("operation",), *found[1:]) for found in error.errors) from None


def _refused(errors: Iterable[FieldError]) -> InvalidInput:
    found = list(errors)
    return (InputTooLarge if any(error.code == TOO_LARGE for error in found) else InvalidInput)(found)


def _wrong(field: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput([FieldError((field,), code, detail)])
