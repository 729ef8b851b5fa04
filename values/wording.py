"""How values that came from outside are shown in messages: short, and unmistakable in kind."""

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

SHOWN_CHARACTERS = 50
_CAPITAL = re.compile("(?<=[a-z0-9])[A-Z]")
_ALIKE = 0.82  # delay_seconds is no jitter_seconds, and kwargs are no tags
_LONGEST_NAME_COMPARED = 100  # comparing costs the product of the lengths


def shorten(text: str, limit: int = SHOWN_CHARACTERS) -> str:
    """The text, cut to `limit` characters of which the last is then an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quoted(text: str) -> str:
    """The text in double quotes, shortened, with control characters and surrogates escaped."""
    return json.dumps(shorten(text), ensure_ascii=not text.isprintable())


def received(value: Any) -> str:
    """A value in a sentence after "got": `12`, `true`, `the text "7"`, `a list`."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return f"the text {quoted(value)}"
        case int() | float():
            return _number(value)
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
    return f"a value of type {type(value).__name__}"


def snake_case(name: str) -> str:
    """`runAt` and `Run-At` as `run_at`."""
    return _CAPITAL.sub(r"_\g<0>", name).lower().replace("-", "_")


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that was probably meant, or None: a wrong suggestion is worse than none.

    It is misspelt, or written as `runAt` or `run-at`, or a part of it was left out: whole words, or its end.
    """
    if not 1 < len(name) <= _LONGEST_NAME_COMPARED:
        return None
    name = snake_case(name)
    candidates = list(candidates)
    misspelt = get_close_matches(name, candidates, n=1, cutoff=_ALIKE)
    longer = [
        one for one in candidates if one.startswith(name) or f"_{name}_" in f"_{one.replace('.', '_')}_"
    ]
    return next(iter(misspelt), None) or (longer[0] if len(longer) == 1 else None)


def _number(value: float) -> str:
    # An integer's digits take quadratic time to print, and beyond 4,300 Python refuses.
    if isinstance(value, int) and value.bit_length() > 4 * SHOWN_CHARACTERS:
        return f"a number of about {value.bit_length() * 30103 // 100000} digits"
    return str(value)
