"""Times as people say them."""

import pytest

from dashboard.shell.pretty import MOST_CHARACTERS, pretty
from dashboard.shell.words import duration_words, relative_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "now"),
        (-5, "5 s ago"),
        (90, "in 1 min"),
        (-7_300, "2 h ago"),
        (200_000, "in 2 d"),
    ],
)
def test_from_now_on(seconds: float, words: str) -> None:
    assert relative_words(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0123, "12 ms"),
        (1.5, "1.50 s"),
        (59.94, "59.9 s"),
        (120, "2 min"),
        (125, "2 min 5 s"),
        (11_040, "3 h 4 min"),
        (183_600, "2 d 3 h"),
    ],
)
def test_how_long(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def test_json_is_exact_and_escaped() -> None:
    text = pretty({"a": 12345678901234567890, "b": "<script>\u202e"}, "Result", is_open=False)
    assert "12345678901234567890" in text
    assert "<script>" not in text
    assert "\\u202e" in text


def test_much_json_is_folded_and_cut() -> None:
    text = pretty(["x" * 100] * 1_000, "Result", is_open=False)
    assert text.startswith("<details")
    assert len(text) < 2 * MOST_CHARACTERS
    assert "more characters" in text
