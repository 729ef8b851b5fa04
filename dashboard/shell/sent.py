"""What forms of pages send, as the bodies that the API takes, and what is wrong with them, by field."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from django.http import QueryDict

from rest.problems import Problem
from rest.views import Refusals, refusal_of

Made = TypeVar("Made")
OTHER = ""
"""Under which those errors stand that are of no one field."""


class WrongForm(Exception):
    """It is shown again. `errors`: what is wrong, by the first name of its place in the body."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


def sending(do: Callable[[], Made], refusals: Refusals, fields: Iterable[str]) -> Made:
    """What `do` makes of a form. Raises WrongForm where a problem names its fields, else what `do` raises."""
    named: tuple[type[Exception], ...] = (Problem, *refusals)
    try:
        return do()
    except named as error:
        problem = refusal_of(error, refusals)
        errors = _by_field(problem, set(fields)) if isinstance(problem, Problem) else {}
        if not errors:
            raise
        raise WrongForm(errors) from error


def _by_field(problem: Problem, fields: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for error in problem.extra.get("errors", ()):
        name = error.get("pointer", "").removeprefix("#").strip("/").partition("/")[0]
        name = name or str(error.get("parameter", ""))
        found.setdefault(name if name in fields else OTHER, error["detail"])
    return found


def texts(form: QueryDict, names: Iterable[str]) -> dict[str, str]:
    """The fields that were filled in."""
    given = {name: form.get(name, "").strip() for name in names}
    return {name: text for name, text in given.items() if text}


def number(name: str, text: str) -> int:
    """Raises WrongForm."""
    try:
        return int(text)
    except ValueError:
        raise WrongForm({name: f"must be a whole number, got {text[:40]}"}) from None


def words(text: str) -> list[str]:
    """What stands between commas and white space."""
    return text.replace(",", " ").split()
