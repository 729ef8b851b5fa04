"""The ways in which an operation can be refused or can fail."""

from collections.abc import Iterable

from values.validation import ArgumentError
from values.wording import quoted


class OperationError(Exception):
    """A failing operation's own word about what went wrong.

    `permanent` says that another attempt would fail the same way; `type` is a stable snake_case word
    for programs, `message` a sentence for people. `retry_after` is how many seconds the next attempt waits
    at least, if there is one: as long as the back-off at the shortest, a day at the longest.
    """

    # For a subclass that does not call this one's __init__.
    message: str = ""
    permanent: bool = False
    type: str = "operation_failed"
    retry_after: float | None = None

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        type: str = "operation_failed",  # noqa: A002 - the word under which clients read it
        retry_after: float | None = None,
    ) -> None:
        if retry_after is not None and not retry_after >= 0:
            raise ValueError(f"retry_after must be at least 0, got {retry_after}")
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.type = type
        self.retry_after = retry_after


def permanent(kind: str, message: str) -> OperationError:
    """Another attempt would fail the same way."""
    return OperationError(message, permanent=True, type=kind)


def passing(kind: str, message: str) -> OperationError:
    """Another attempt may succeed."""
    return OperationError(message, type=kind)


class Cancelled(Exception):
    """The task was asked to stop. An operation may clean up, and lets it pass."""


class InvalidArguments(Exception):
    """The arguments do not fit the operation; `errors` says which, and why."""

    def __init__(self, errors: Iterable[ArgumentError]) -> None:
        self.errors = list(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "; ".join(f"{'.'.join(map(str, path))} {detail}".strip() for path, _, detail in self.errors)


class UnknownOperation(Exception):
    """No operation has this `name`; `suggestion` is the nearest name there is, or None."""

    def __init__(self, name: str, suggestion: str | None = None) -> None:
        super().__init__(name, suggestion)
        self.name = name
        self.suggestion = suggestion

    def __str__(self) -> str:
        hint = f"; did you mean {quoted(self.suggestion)}?" if self.suggestion else ""
        return f"there is no operation {quoted(self.name)}{hint}"
