"""The one registry of operations, by name."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter

from operations.backoff import Backoff
from operations.definition import Example, Operation, Unavailable, describe
from operations.errors import UnknownOperation
from operations.limits import Limits
from values.wording import nearest

Function = TypeVar("Function", bound=Callable[..., Any])


class Catalogue:
    """Operations by name. It grows while modules are imported and stays as it is afterwards."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}

    def add(self, operation: Operation) -> None:
        """Raises ValueError if the name is taken."""
        if operation.name in self._operations:
            raise ValueError(f"there are two operations called {operation.name}")
        self._operations[operation.name] = operation

    def get(self, name: str) -> Operation:
        """Raises UnknownOperation, which suggests the nearest name."""
        try:
            return self._operations[name]
        except KeyError:
            raise UnknownOperation(name, nearest(name, self._operations)) from None

    def all(self) -> list[Operation]:
        """Every operation, in the order of their names."""
        return [self._operations[name] for name in sorted(self._operations)]

    def operation(
        self,
        _function: None = None,  # so that a bare @operation is told what it lacks
        /,
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
    ) -> Callable[[Function], Function]:
        """Decorate a function to make it an operation; the function itself stays as it was.

        `name` defaults to the function's, `max_attempts` (at most 100) to 3 if it is idempotent, else 1;
        `timeout_seconds` is at most a week.
        `backoff` says how long to wait between attempts, `errors` of each type of OperationError when it
        happens: `{"server_away": "The server does not answer."}`. `form` checks all arguments together where
        their types alone do not say enough, `limits_of` gives the limits where they depend on the arguments, and
        `examples` is a function where they depend on the configuration. `unavailable_of` says what it lacks on this
        machine, if anything, and `notes_of` what else holds there, each in a sentence.
        """

        def register(function: Function) -> Function:
            described = describe(
                function,
                name=name,
                idempotent=idempotent,
                timeout_seconds=timeout_seconds,
                max_attempts=max_attempts,
                backoff=backoff,
                examples=examples,
                errors=errors,
                form=form,
                limits_of=limits_of,
                unavailable_of=unavailable_of,
                notes_of=notes_of,
            )
            self.add(described)
            return function

        return register


catalogue = Catalogue()
operation = catalogue.operation
