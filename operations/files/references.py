"""References to files in arguments as a client sends them. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from uuid import UUID

KEY = "$file"
ID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
MAX_PATTERN_LENGTH = 255
LONGEST_AGE_SECONDS = 10 * 366 * 86_400
HOW = 'must be {"$file": "<the id of a file>"}, or {"$file": {"newest": "daily-*.csv"}} for the newest of such a name'


class Malformed(ValueError):
    """Refers to a file, but not as it should; the text says how, as a sentence's end."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest file whose name fits a pattern, in which `*` stands for any characters.

    `max_age_seconds`: an older one does not count. `if_none`: what becomes of an occurrence of a schedule for which
    there is none: its task fails, or it is skipped.
    """

    newest: str
    max_age_seconds: float | None = None
    if_none: Literal["fail", "skip"] = "fail"

    def __str__(self) -> str:
        age = "" if self.max_age_seconds is None else f" that is at most {self.max_age_seconds:g} seconds old"
        return f"file {self.newest}{age}"


class Reference(NamedTuple):
    """What stands in arguments, and the file that it means: by its id, or the newest."""

    written: dict[str, Any]
    means: UUID | Newest


def read(value: Any) -> Reference:
    """Raises Malformed."""
    if not isinstance(value, dict) or value.keys() != {KEY}:
        raise Malformed(HOW)
    inside = value[KEY]
    return Reference(value, _read_newest(inside) if isinstance(inside, dict) else _read_id(inside))


def _read_id(text: Any) -> UUID:
    try:
        found = UUID(text)
    except (ValueError, TypeError, AttributeError):
        raise Malformed(HOW) from None
    if str(found) != text:
        raise Malformed("must be the id of a file as it was told: in small letters, with dashes")
    return found


def _read_newest(inside: dict[str, Any]) -> Newest:
    if unknown := sorted(inside.keys() - Newest.__slots__):
        raise Malformed(
            f"must have newest, max_age_seconds and if_none and nothing else, got {unknown[0][:50]!r}"
        )
    found = Newest(**{"newest": None, **inside})
    if not isinstance(found.newest, str) or not 1 <= len(found.newest) <= MAX_PATTERN_LENGTH:
        raise Malformed(_how("newest"))
    if found.max_age_seconds is not None and not _is_age(found.max_age_seconds):
        raise Malformed(_how("max_age_seconds"))
    if found.if_none not in ("fail", "skip"):
        raise Malformed(_how("if_none"))
    return found


def _is_age(seconds: Any) -> bool:
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return is_number and 0 < seconds <= LONGEST_AGE_SECONDS


def _how(field: str) -> str:
    return {
        "newest": f"must have in newest a name of 1 to {MAX_PATTERN_LENGTH} characters, * for any, ? for one",
        "max_age_seconds": f"must have in max_age_seconds a number above 0, at most {LONGEST_AGE_SECONDS}",
        "if_none": 'must have in if_none "fail" or "skip": what becomes of a task for which there is no file',
    }[field]


def mentions_files(value: Any) -> bool:
    """Whether something in a JSON value has the key of references."""
    return any(True for _ in _objects(value))


def file_ids(value: Any) -> list[UUID]:
    """The ids of files that a JSON value refers to, each once, in order."""
    return list(
        dict.fromkeys(reference.means for reference in found(value) if isinstance(reference.means, UUID))
    )


def found(value: Any) -> Iterator[Reference]:
    """The references in a JSON value that are well formed."""
    for each in _objects(value):
        try:
            yield read(each)
        except Malformed:
            continue


def replaced(value: Any, find: Callable[[Newest], UUID | None]) -> Any:
    """A JSON value in which the newest file of a name is referred to by its id, where `find` knows one."""
    if isinstance(value, dict):
        if KEY in value:
            return _replaced(value, find)
        return {name: replaced(item, find) for name, item in value.items()}
    return [replaced(item, find) for item in value] if isinstance(value, list) else value


def _replaced(value: dict[str, Any], find: Callable[[Newest], UUID | None]) -> dict[str, Any]:
    try:
        means = read(value).means
    except Malformed:
        return value
    file_id = find(means) if isinstance(means, Newest) else None
    return value if file_id is None else {KEY: str(file_id)}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Those with the key, in order. Without recursion: it is asked of whatever an operation returned."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if KEY in each:
                yield each
            waiting.extend(reversed(each.values()))
        elif isinstance(each, list | tuple):
            waiting.extend(reversed(each))
