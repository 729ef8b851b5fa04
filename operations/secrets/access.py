"""Who may read which secret, and what comes of it: a name at the door, a value in the worker."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from operations.errors import OperationError
from operations.secrets.masking import Mask
from operations.secrets.references import SecretReference

MIN_VALUE_LENGTH = 8
"""A shorter one cannot be masked without masking much else."""
_MOST_BYTES_FOR_ONE = 12
"""Of what is written in place of one byte of a secret, on its way through JSON, HTML and URLs."""

MayRead = Callable[[str], bool]


class SecretUnavailable(Exception):
    """There is no value for a secret; the text says where it was looked for, as a sentence's end."""


def _read_nothing(_name: str) -> str:
    raise SecretUnavailable("has no value here")


@dataclass(frozen=True, slots=True)
class SecretsConfiguration:
    """`readers`: for each secret the operations that may read it. `read` gives the value of one, by name.

    `read` raises SecretUnavailable. Only a process that runs tasks calls it.
    """

    readers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    read: Callable[[str], str] = field(default=_read_nothing, repr=False)

    def readable_by(self, operation: str) -> MayRead:
        """Which secrets, by name, `operation` may read."""
        return lambda name: operation in self.readers.get(name, ())


class SecretAccess:
    """At the door: a reference stays one. `placed` are the numbers of those that stand where they may."""

    def __init__(self, may_read: MayRead) -> None:
        self.may_read = may_read
        self.placed: set[int] = set()

    def take(self, name: str, number: int) -> str:
        """What stands in place of reference `number`, which is to the secret `name`."""
        self.placed.add(number)
        return SecretReference(name)


class SecretReader(SecretAccess):
    """In the worker, for one run: a reference becomes the value. `mask` hides those that were read."""

    def __init__(self, may_read: MayRead, read: Callable[[str], str]) -> None:
        super().__init__(may_read)
        self.mask = Mask()
        self._read = read
        self._values: dict[str, str] = {}

    def take(self, name: str, number: int) -> str:
        """The value. Raises OperationError, for good, where there is none that can be kept secret."""
        self.placed.add(number)
        return self.value(name)

    def value(self, name: str) -> str:
        """The value of a secret, as `take` gives it."""
        if not self.may_read(name):
            detail = f"this operation may not read the secret {name} (the setting SECRETS says who may)"
            raise OperationError(detail, permanent=True, type="secret_not_allowed")
        if name not in self._values:
            self._values[name] = self._read_long(name)
            self.mask = Mask(self._values.values())
        return self._values[name]

    def names(self) -> list[str]:
        """The secrets that were read until now."""
        return list(self._values)

    def hide(self, text: str) -> str:
        """The text without what was read until now."""
        return self.mask.text(text)

    def margin(self) -> int:
        """How many bytes behind a cut tell whether it went through a secret; 0 where none was read."""
        return _MOST_BYTES_FOR_ONE * max((len(value.encode()) for value in self._values.values()), default=0)

    def _read_long(self, name: str) -> str:
        try:
            value = self._read(name)
        except SecretUnavailable as error:
            raise OperationError(
                f"the secret {name} {error}", permanent=True, type="secret_missing"
            ) from error
        if len(value.strip()) < MIN_VALUE_LENGTH:
            detail = f"the secret {name} must have at least {MIN_VALUE_LENGTH} characters"
            raise OperationError(detail, permanent=True, type="secret_too_short")
        return value
