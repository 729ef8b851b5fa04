"""An operation: a typed function with a name, limits and examples."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from operations.backoff import Backoff
from operations.configuration import configuration
from operations.context import Context
from operations.errors import InvalidArguments, OperationError
from operations.files.access import FileAccess, FilesOfRun
from operations.files.file import ACCESS as FILES
from operations.limits import InvalidLimits, Limits, checked_limits
from operations.secrets import SecretAccess, SecretReader, references
from operations.secrets.access import MayRead
from operations.secrets.annotations import ACCESS as SECRETS
from operations.signature import Signature, read_signature
from values.storable import Unstorable, storable
from values.validation import ArgumentError, explain_all, shortened

MAX_NAME_LENGTH = 100
MAX_ARGUMENTS_BYTES = 262_144
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


@dataclass(frozen=True, slots=True)
class Example:
    """Arguments as a client would send them, and the result they give."""

    arguments: Mapping[str, Any]
    result: Any


class Unavailable(NamedTuple):
    """Why an operation cannot run here, and what whoever operates the service does about it: a command or a setting."""

    reason: str
    mend: str


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """Something a task can do.

    `timeout_seconds` is the default limit of one attempt, `max_attempts` the default number of attempts; where they
    differ with the arguments, `limits` tells.
    `errors` says of each type of error that is its own when it happens. The schemas are JSON Schema 2020-12.
    Treat dicts as read-only.
    """

    name: str
    summary: str
    idempotent: bool
    timeout_seconds: float
    max_attempts: int
    backoff: Backoff
    examples_of: Callable[[], Iterable[Example]]
    errors: Mapping[str, str]
    result_schema: dict[str, Any]
    function: Callable[..., Any]
    signature: Signature
    limits_of: Callable[[dict[str, Any]], Limits] | None = None
    unavailable_of: Callable[[], Unavailable | None] = lambda: None
    notes_of: Callable[[], Iterable[str]] = tuple

    @property
    def unavailable(self) -> Unavailable | None:
        """None: it can run. Asked for anew each time, as what it lacks may be installed meanwhile."""
        return self.unavailable_of()

    @property
    def notes(self) -> list[str]:
        """What holds for it on this machine."""
        return list(self.notes_of())

    @property
    def arguments_schema(self) -> dict[str, Any]:
        """Asked for anew each time, as it may depend on the configuration."""
        return self.signature.arguments_schema()

    @property
    def examples(self) -> tuple[Example, ...]:
        """Asked for anew each time, for the same reason."""
        return tuple(self.examples_of())

    def limits(self, arguments: dict[str, Any]) -> Limits:
        """The limits for `arguments` that were checked. Raises InvalidLimits where the operation's own are none."""
        if self.limits_of is None:
            return Limits(self.timeout_seconds, self.max_attempts, self.idempotent)
        try:
            limits = self.limits_of(arguments)
        except Exception as error:
            raise InvalidLimits(f"limits_of of operation {self.name} fails: {error!r}") from error
        return checked_limits(self.name, limits)

    @property
    def takes_files(self) -> bool:
        """Whether arguments may refer to files."""
        return self.signature.takes_files

    def validate(
        self,
        arguments: Mapping[str, Any],
        may_read: MayRead | None = None,
        files: FileAccess | None = None,
    ) -> dict[str, Any]:
        """The arguments as they are stored: JSON, checked strictly, defaults left out, secrets by name, files by id.

        `may_read` says which secrets they may refer to; default: those that the configuration allows. `files` finds the
        files; default: none is looked for, and references stay as they are.
        Raises InvalidArguments with every error found. Defaults are filled in when the operation
        runs, so that what is stored is what the client said.
        """
        access = SecretAccess(may_read or configuration().secrets.readable_by(self.name))
        values, given = self._parse(arguments, access, files or FileAccess())
        stored: dict[str, Any] = self.signature.arguments.dump_python(values, mode="json")
        if given.references:
            _refuse(references.lost(given, references.find(stored)))
        return stored

    def reader(self) -> SecretReader:
        """What one run reads its secrets with."""
        secrets = configuration().secrets
        return SecretReader(secrets.readable_by(self.name), secrets.read)

    def run(self, arguments: Mapping[str, Any], context: Context, reader: SecretReader | None = None) -> Any:
        """The result of the operation. `reader` is asked for secrets, and knows afterwards what to mask.

        Raises OperationError, or whatever else the function raises. Arguments that no longer fit,
        because the operation changed since they were stored, fail for good as `invalid_arguments`.
        """
        if lack := self.unavailable:
            raise OperationError(f"{lack.reason}: {lack.mend}", permanent=True, type="unavailable")
        reader = reader or self.reader()
        try:
            values, _ = self._parse(arguments, reader, FilesOfRun(context.files))
        except InvalidArguments as error:
            raise OperationError(str(error), permanent=True, type="invalid_arguments") from error
        if self.signature.context_name is not None:
            values[self.signature.context_name] = replace(context, secret=reader.value, secrets=reader.names)
        return self.function(**values)

    def _parse(
        self, arguments: Mapping[str, Any], access: SecretAccess, files: FileAccess
    ) -> tuple[dict[str, Any], references.Found]:
        """The arguments as the function takes them, and the references to secrets that were in them."""
        try:
            # As JSON text, for pydantic's strict mode then takes text for a datetime, but not for an int.
            text = storable(arguments, MAX_ARGUMENTS_BYTES)
            found = references.find(arguments) if references.KEY in text else references.Found(arguments, ())
            _refuse(references.refusals(found, access.may_read))
            if found.references:
                text = storable(found.document)
            values = self.signature.arguments.validate_json(
                text, strict=True, extra="forbid", context={SECRETS: access, FILES: files}
            )
        except Unstorable as error:
            raise InvalidArguments(
                [ArgumentError(shortened(error.path), error.code, error.reason)]
            ) from error
        except ValidationError as error:
            raise InvalidArguments(explain_all(error, arguments, self.signature.names)) from error
        _refuse(references.misplaced(found, access.placed))
        return values, found


def _refuse(errors: list[ArgumentError]) -> None:
    if errors:
        raise InvalidArguments(errors)


def describe(
    function: Callable[..., Any],
    *,
    idempotent: bool,
    timeout_seconds: float,
    name: str | None = None,
    max_attempts: int | None = None,
    backoff: Backoff | None = None,
    examples: Iterable[Example] | Callable[[], Iterable[Example]] = (),
    errors: Mapping[str, str] | None = None,
    form: TypeAdapter[dict[str, Any]] | None = None,
    limits_of: Callable[[dict[str, Any]], Limits] | None = None,
    unavailable_of: Callable[[], Unavailable | None] = lambda: None,
    notes_of: Callable[[], Iterable[str]] = tuple,
) -> Operation:
    """The operation that a function is, its arguments and result read from the annotations.

    Raises TypeError or ValueError where it could not be one: a missing docstring or annotation, a
    name that is none, limits out of bounds, an example that does not fit, an error's type that is no word.
    """
    signature = read_signature(function)
    if form is not None:
        signature = replace(signature, arguments=form)
    if max_attempts is None:
        max_attempts = 3 if idempotent else 1
    name = _checked_name(name or function.__name__)
    _check_kinds(name, idempotent, backoff, limits_of)
    limits = checked_limits(name, Limits(timeout_seconds, max_attempts, idempotent))
    operation = Operation(
        name=name,
        summary=_summary(function),
        idempotent=idempotent,
        timeout_seconds=limits.timeout_seconds,
        max_attempts=limits.max_attempts,
        backoff=backoff or Backoff(),
        examples_of=_examples_of(examples),
        errors=_checked_errors(errors or {}),
        result_schema=signature.result_schema(),
        function=function,
        signature=signature,
        limits_of=limits_of,
        unavailable_of=unavailable_of,
        notes_of=notes_of,
    )
    _check_examples(operation)
    return operation


def _check_kinds(name: str, idempotent: object, backoff: object, limits_of: object) -> None:
    """Else an operation is taken for idempotent by mistake, or fails when its first attempt has failed."""
    if not isinstance(idempotent, bool):
        raise TypeError(f"idempotent of operation {name} must be True or False, got {idempotent!r}")
    if not isinstance(backoff, Backoff | None):
        raise TypeError(f"backoff of operation {name} must be a Backoff, got {backoff!r}")
    if limits_of is not None and not callable(limits_of):
        raise TypeError(f"limits_of of operation {name} must be a function, got {limits_of!r}")


def _examples_of(
    examples: Iterable[Example] | Callable[[], Iterable[Example]],
) -> Callable[[], Iterable[Example]]:
    if callable(examples):
        return examples
    listed = tuple(examples)
    return lambda: listed


def _checked_name(name: str) -> str:
    if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for an operation: snake_case, at most {MAX_NAME_LENGTH}")
    return name


def _summary(function: Callable[..., Any]) -> str:
    documentation = inspect.getdoc(function)
    if not documentation:
        raise TypeError(f"{function.__name__} must say in a docstring what it does")
    return documentation.partition("\n")[0]


def _checked_errors(errors: Mapping[str, str]) -> dict[str, str]:
    for word, meaning in errors.items():
        if len(word) > MAX_NAME_LENGTH or not _WORD.fullmatch(word) or not meaning.strip():
            raise ValueError(
                f"{word!r} is no type of an error: snake_case, with a sentence on when it happens"
            )
    return dict(errors)


def _check_examples(operation: Operation) -> None:
    for example in operation.examples:
        try:
            operation.validate(example.arguments, may_read=lambda _: True)
            storable(example.result)
        except (InvalidArguments, Unstorable) as error:
            raise ValueError(f"an example of {operation.name} does not fit: {error}") from error
