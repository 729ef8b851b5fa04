"""Hiding the values of secrets in text and JSON, also in the forms that they take on their way."""

import re
from collections.abc import Callable, Iterable
from os.path import commonprefix
from typing import Any

from operations.secrets.forms import coded_forms, written_forms
from operations.secrets.searching import find, find_wrapped, to_look_for

STARS = "***"
# The line of a statement that libpq shows with an error, of up to 60 characters: values that it has cut are not found.
_CUT_STATEMENT = re.compile(
    r"((?:^|\n|\\n)LINE \d+: )(?:\.\.\.[^\n]{0,100}?|[^\n]{0,100}?\.\.\.)(?=\n|\\+n|$)"
)


class Mask:
    """Hides `values` behind `***`: as they are, and as JSON, Python, HTML, URLs, SQL, shells, base64 and hex have them.

    Each may have what another has written: SQL has JSON, a URL base64, base64 a URL. Letters may be large or
    small, for that is so with hexadecimal digits.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        values = list(values)
        self._written = to_look_for(form for value in values for form in written_forms(value))
        self._coded = to_look_for(form for value in values for form in coded_forms(value))

    def __bool__(self) -> bool:
        return bool(self._written or self._coded)

    def text(self, text: str) -> str:
        """The text, with stars in place of the values. Where two overlap, both are gone."""
        if not self:
            return text
        text = _CUT_STATEMENT.sub(rf"\g<1>{STARS}", text)
        pieces, end = [], 0
        for start, stop in sorted({*find(self._written, text), *find_wrapped(self._coded, text)}):
            if start >= end:
                pieces += [text[end:start], STARS]
            end = max(end, stop)
        return "".join([*pieces, text[end:]])

    def json(self, value: Any) -> Any:
        """A JSON value, with stars in every text and key, and in place of a number, that holds a value."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(key): self.json(item) for key, item in value.items()}
            case list():
                return [self.json(item) for item in value]
            case int() | float() if not isinstance(value, bool) and self.text(str(value)) != str(value):
                return STARS
        return value


def without_cut_value(beginning: str, more: str, hide: Callable[[str], str]) -> str:
    """The beginning of the text `more`, without the part of a value in which it ends, if it ends in one.

    Cut values are not recognised: only `more`, which has the rest of it, tells what is one.
    """
    hidden = hide(more)
    return beginning if hidden == more else commonprefix([hide(beginning), hidden])  # noqa: RUF071 (no paths)
