"""References to secrets in arguments as a client sends them. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Sequence, Set
from typing import Any, NamedTuple

from values.validation import ArgumentError, Path, shortened

KEY = "$secret"
MAX_NAME_LENGTH = 64
NAME_PATTERN = rf"^[a-z][a-z0-9_]{{0,{MAX_NAME_LENGTH - 1}}}$"
_NAME = re.compile(NAME_PATTERN)


class SecretReference(str):
    """The name of a secret, in the place where its value shall stand."""

    __slots__ = ()


class Reference(NamedTuple):
    """Where a reference stands, and the secret that it names; None where it is malformed."""

    path: Path
    name: str | None


class Found(NamedTuple):
    """The references in a document, in order, and the document with their numbers written behind their names.

    By its number a validator can tell which one it met: JSON has no other identity.
    """

    document: Any
    references: Sequence[Reference]


def is_name(name: Any) -> bool:
    """Whether a secret can be called so."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def is_reference(value: Any) -> bool:
    """Whether an object is a reference or wants to be one: the key is kept for them."""
    return isinstance(value, dict) and KEY in value


def name_in(value: dict[str, Any]) -> str | None:
    """The name in a reference; None where it is malformed."""
    name = value[KEY]
    return name if len(value) == 1 and is_name(name) else None


def find(arguments: Any) -> Found:
    """All references in `arguments`, which is JSON of bounded depth."""
    references: list[Reference] = []

    def numbered(value: Any, path: Path) -> Any:
        if is_reference(value):
            name = name_in(value)
            references.append(Reference(path, name))
            return value if name is None else {KEY: f"{name} {len(references) - 1}"}
        if isinstance(value, dict):
            return {key: numbered(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [numbered(item, (*path, index)) for index, item in enumerate(value)]
        return value

    return Found(numbered(arguments, ()), references)


def split(name: str) -> tuple[str, int]:
    """A name as `find` numbers it: the name, and its number."""
    plain, _, number = name.partition(" ")
    return plain, int(number)


def refusals(found: Found, may_read: Callable[[str], bool]) -> list[ArgumentError]:
    """What is wrong with references by themselves: malformed, or to a secret that may not be read."""
    return [
        ArgumentError(shortened(path), code, detail)
        for path, name in found.references
        for code, detail in _refusals(name, may_read)
    ]


def _refusals(name: str | None, may_read: Callable[[str], bool]) -> list[tuple[str, str]]:
    if name is None:
        return [("invalid_secret", 'must be {"$secret": "a_name"} and nothing else to refer to a secret')]
    if not may_read(name):
        detail = f"refers to the secret {name}, which this operation may not read (the setting SECRETS says who may)"
        return [("secret_not_allowed", detail)]
    return []


def misplaced(found: Found, placed: Set[int]) -> list[ArgumentError]:
    """The references that stand where none may, as in the place of an object."""
    return [_misplaced(path) for number, (path, _) in enumerate(found.references) if number not in placed]


def lost(given: Found, stored: Found) -> list[ArgumentError]:
    """The references of which the operation's own checks would make plain text: a secret's name for its value."""
    kept = Counter(name for _, name in stored.references)
    before = Counter(name for _, name in given.references)
    return [_misplaced(path) for path, name in given.references if kept[name] < before[name]]


def _misplaced(path: Path) -> ArgumentError:
    return ArgumentError(shortened(path), "secret_not_allowed", "must not be a reference to a secret")
