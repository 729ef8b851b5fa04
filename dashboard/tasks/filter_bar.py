"""The text of the filter bar, read: `status:failure operation:sleep age>2h args.customer.id:42`. Pure.

Terms stand side by side, and a task must fit all of them. A value with spaces is quoted.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tasks_api.fingerprints import FINGERPRINT_PATTERN
from tasks_api.lifecycle import Status

LONGEST_TEXT = 1_000
MOST_TERMS = 20
ARGUMENT = "args."
NAMES = ("status", "operation", "tag", "schedule", "priority", "age", "created", "error", "fingerprint")

_TERM = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_PARTS = re.compile(r"(?P<name>[\w.$-]*?)(?P<operator>[:<>])(?P<value>.*)", re.DOTALL)
_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Term:
    """One part of the text, as it was written."""

    text: str
    name: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the text asks for. `filter` has the query parameters of `GET /tasks/`; the rest no index knows.

    `arguments`: paths into the arguments, each with the text of the value there. `errors`: texts in the error.
    `problems`: what could not be read, in words; nothing is shown then.
    """

    terms: tuple[Term, ...] = ()
    filter: Mapping[str, object] = field(default_factory=dict)
    arguments: tuple[tuple[tuple[str, ...], str], ...] = ()
    errors: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether something is asked for that no index knows."""
        return bool(self.arguments or self.errors)

    @property
    def statuses(self) -> list[str]:
        """Those that are asked for; none: all are."""
        found = self.filter.get("status", [])
        return list(found) if isinstance(found, list) else []


class _Unreadable(Exception):
    """What is wrong with a term, in words."""


def terms_of(text: str) -> list[Term]:
    """The parts of the text. One without a name has an empty one."""
    found = []
    for part in _TERM.findall(text[:LONGEST_TEXT]):
        parts = _PARTS.fullmatch(part)
        if parts is None:
            found.append(Term(part, "", "", part.replace('"', "")))
        else:
            name = parts["name"] if parts["name"].startswith(ARGUMENT) else parts["name"].lower()
            found.append(Term(part, name, parts["operator"], parts["value"].replace('"', "")))
    return found


def read(text: str, now: datetime, schedule_of: Callable[[str], UUID | None]) -> Wanted:
    """What the text asks for. `schedule_of` finds a schedule by its name."""
    terms = terms_of(text)
    reader = _Reader(now, schedule_of)
    problems = []
    if len(text) > LONGEST_TEXT or len(terms) > MOST_TERMS:
        problems.append(
            f"The filter is too long: {MOST_TERMS} terms and {LONGEST_TEXT:,} characters at most."
        )
    if "\0" in text:
        return Wanted(tuple(terms), problems=("The filter must not contain the NUL character.",))
    for term in terms[:MOST_TERMS]:
        try:
            reader.take(term)
        except _Unreadable as problem:
            problems.append(f"{_shortened(term.text)}: {problem}")
    return Wanted(tuple(terms), reader.filter, tuple(reader.arguments), tuple(reader.errors), tuple(problems))


class _Reader:
    """Collects what terms ask for."""

    def __init__(self, now: datetime, schedule_of: Callable[[str], UUID | None]) -> None:
        self._now = now
        self._schedule_of = schedule_of
        self.filter: dict[str, object] = {}
        self.arguments: list[tuple[tuple[str, ...], str]] = []
        self.errors: list[str] = []

    def take(self, term: Term) -> None:
        """Raises _Unreadable."""
        if term.name.startswith(ARGUMENT) and term.operator == ":":
            self._take_argument(term)
            return
        if term.name not in NAMES:
            raise _Unreadable(
                f"write one of {', '.join(f'{name}:' for name in NAMES)} or args.path: before it"
            )
        if (term.operator == ":") == (term.name in ("age", "created")):
            raise _Unreadable(
                "write age>2h, age<7d, created>2026-03-29" if term.operator == ":" else "write a colon"
            )
        if not term.value:
            raise _Unreadable("a value is missing")
        getattr(self, f"_take_{term.name}")(term)

    def _take_argument(self, term: Term) -> None:
        path = tuple(term.name.removeprefix(ARGUMENT).split("."))
        if not all(path):
            raise _Unreadable("write args.path:value, such as args.customer.id:42")
        self.arguments.append((path, term.value))

    def _take_status(self, term: Term) -> None:
        statuses = self.filter.setdefault("status", [])
        if term.value.upper() not in Status.__members__:
            raise _Unreadable(f"is one of {', '.join(status.value for status in Status)}")
        assert isinstance(statuses, list)  # noqa: S101 (as it was made)
        if term.value.upper() not in statuses:
            statuses.append(term.value.upper())

    def _take_operation(self, term: Term) -> None:
        self._once("operation", term.value)

    def _take_tag(self, term: Term) -> None:
        self._once("tag", term.value)

    def _take_priority(self, term: Term) -> None:
        if not re.fullmatch("[0-9]", term.value):
            raise _Unreadable("is 0 to 9")
        self._once("priority", int(term.value))

    def _take_schedule(self, term: Term) -> None:
        try:
            found: UUID | None = UUID(term.value)
        except ValueError:
            found = self._schedule_of(term.value)
        if found is None:
            raise _Unreadable("there is no schedule of this name")
        self._once("schedule", str(found))

    def _take_fingerprint(self, term: Term) -> None:
        if not re.fullmatch(FINGERPRINT_PATTERN, term.value):
            raise _Unreadable("is 16 characters from 0 to f, as the page of failures has them")
        self._once("fingerprint", term.value)

    def _take_error(self, term: Term) -> None:
        self.errors.append(term.value)

    def _take_age(self, term: Term) -> None:
        found = _DURATION.fullmatch(term.value)
        if found is None:
            raise _Unreadable("is a number with s, m, h or d, such as 2h")
        try:
            instant = self._now - timedelta(**{_UNITS[found[2]]: int(found[1])})
        except OverflowError:
            raise _Unreadable("is too far away") from None
        self._once("created_before" if term.operator == ">" else "created_after", _text(instant))

    def _take_created(self, term: Term) -> None:
        try:
            instant = datetime.fromisoformat(term.value)
        except ValueError:
            raise _Unreadable("is a date or a time, such as 2026-03-29 or 2026-03-29T01:30:00Z") from None
        instant = instant.replace(tzinfo=instant.tzinfo or UTC)
        self._once("created_after" if term.operator == ">" else "created_before", _text(instant))

    def _once(self, name: str, value: object) -> None:
        if name in self.filter and self.filter[name] != value:
            raise _Unreadable("there is another one of these already")
        self.filter[name] = value


def _text(instant: datetime) -> str:
    try:
        return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise _Unreadable("is too far away") from None


def without(terms: Iterable[Term], gone: Term) -> str:
    """The text without one of its terms."""
    return " ".join(term.text for term in terms if term is not gone)


def with_status(terms: Iterable[Term], status: str | None) -> str:
    """The text with this status in place of any; None: of all."""
    others = [term.text for term in terms if term.name != "status"]
    return " ".join(others if status is None else [f"status:{status.lower()}", *others])


def quoted(value: str) -> str:
    """A value as it is written after a name."""
    plain = value.replace('"', "")
    return f'"{plain}"' if re.search(r"\s", plain) else plain


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
