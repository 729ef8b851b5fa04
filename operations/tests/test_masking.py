"""What hides the values of secrets: as they are, and in each form that they take on their way."""

import base64
import html
import json
import re
from collections.abc import Callable
from html.entities import codepoint2name
from typing import Any
from urllib.parse import quote, quote_plus, urlencode
from xml.sax.saxutils import escape as xml_escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.secrets import Mask, without_cut_value
from operations.secrets.searching import pattern_of

TOKEN = "p&ss: 'wört\"/\\?+=~\u20ac"
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=8, max_size=40).filter(
    lambda value: len(value.strip()) >= 8 and "*" not in value
)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": lambda text: json.dumps(text)[1:-1],
    "json, readable": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json, in a page": lambda text: (
        json.dumps(text)[1:-1].replace("&", "\\u0026").replace("<", "\\u003c").replace("'", "\\u0027")
    ),
    "python": lambda text: repr(text)[1:-1],
    "python, bytes": lambda text: repr(text.encode())[2:-1],
    "html": html.escape,
    "html, named": lambda text: "".join(
        f"&{codepoint2name[ord(each)]};" if ord(each) in codepoint2name else each for each in text
    ),
    "xml": lambda text: xml_escape(text, {"'": "&apos;", '"': "&quot;"}),
    "html, numbers": lambda text: text.replace("&", "&#38;").encode("ascii", "xmlcharrefreplace").decode(),
    "url": lambda text: quote(text, safe=""),
    "url, path": quote,
    "url, form": quote_plus,
    "url, small": lambda text: re.sub("%..", lambda code: code[0].lower(), quote(text, safe="")),
    "sql": lambda text: text.replace("'", "''"),
    "sql, E''": lambda text: text.replace("\\", "\\\\").replace("'", "''"),
    "shell": lambda text: text.replace("'", "'\"'\"'"),
    "shell, traced": lambda text: text.replace("'", "'\\''"),
}
ESCAPED_IN_CODES = ["plain", "json", "json, readable", "python", "html", "url", "url, path", "url, form"]
# Much of what escaping changes, and what looks like an escape.
TRICKY = st.lists(
    st.sampled_from(
        [
            *"%&'\"\\/?+ <>=;#\n\x7f\xf6\u20ac\U0001f600",
            "%25",
            "%5c",
            "&amp;",
            "&#92;",
            "u0027",
            "x27",
            "word",
            "n",
        ]
    )
    | st.characters(codec="utf-8", exclude_characters="\0*"),
    min_size=3,
    max_size=12,
).map(lambda parts: f"a{''.join(parts)}key2")
FORMS: list[Callable[[str], str]] = [
    str,
    lambda value: f"before{value}after",
    json.dumps,
    lambda value: json.dumps(value, ensure_ascii=False),
    lambda value: json.dumps({"body": json.dumps(value)}),
    lambda value: repr(json.dumps({"body": json.dumps(value)})),
    lambda value: quote(quote(value)),
    lambda value: quote(json.dumps(value)),
    lambda value: html.escape(json.dumps(value)),
    lambda value: "".join(f"&#{ord(character)};" if character in "&'" else character for character in value),
    repr,
    lambda value: repr([value]),
    lambda value: repr(value.encode()),
    html.escape,
    quote,
    quote_plus,
    lambda value: quote(value, safe="").lower(),
    lambda value: urlencode({"token": value}),
    lambda value: value.encode().hex(),
    lambda value: base64.b64encode(value.encode()).decode(),
    lambda value: base64.b64encode(f"user:{value}".encode()).decode(),
    lambda value: base64.b64encode(f"me:{value}\n".encode()).decode(),
    lambda value: base64.urlsafe_b64encode(f"name:{value}".encode()).decode(),
]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_hidden(form: Callable[[str], str]) -> None:
    shown = Mask([TOKEN]).text(form(TOKEN))
    assert "***" in shown
    assert len(shown) < len(form(TOKEN))
    for part in ("wört", "w\\u00f6rt", "w%C3%B6rt", "w%c3%b6rt", TOKEN.encode().hex()[8:20]):
        assert part not in shown


@settings(max_examples=1_000)
@given(TRICKY, st.sampled_from(list(SPELLINGS)), st.sampled_from(list(SPELLINGS)))
def test_nothing_is_left_of_a_value_in_any_two_spellings(value: str, inner: str, outer: str) -> None:
    spelled = SPELLINGS[outer](SPELLINGS[inner](value))
    assert Mask([value]).text(f"<{spelled}>") == "<***>"


@given(TRICKY, st.sampled_from(list(SPELLINGS)))
def test_a_doubled_percent_sign_is_hidden_in_any_spelling(value: str, outer: str) -> None:
    spelled = SPELLINGS[outer](value.replace("%", "%%"))
    assert Mask([value]).text(f"<{spelled}>") == "<***>"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (
            "no relation\nLINE 1: SELECT 1 FROM a WHERE b = 'correct ho...\n   ^",
            "no relation\nLINE 1: ***\n   ^",
        ),
        ("oh\nLINE 12: ...orse', 1)\n   ^\n", "oh\nLINE 12: ***\n   ^\n"),
        (repr("oh\nLINE 1: ...ct hor...\n ^"), repr("oh\nLINE 1: ***\n ^")),
        ("LINE 1: SELECT 'correct horse'\n ^", "LINE 1: SELECT '***'\n ^"),
        ("BASELINE 1: it goes on...", "BASELINE 1: it goes on..."),
    ],
)
def test_a_statement_that_postgres_shows_in_part_is_hidden(text: str, hidden: str) -> None:
    assert Mask(["correct horse"]).text(text) == hidden


@settings(max_examples=300)
@given(TRICKY, st.sampled_from(ESCAPED_IN_CODES), st.binary(max_size=4), st.binary(max_size=4))
def test_codes_of_what_is_escaped_are_hidden(value: str, inner: str, before: bytes, after: bytes) -> None:
    content = before + SPELLINGS[inner](value * 2).encode() + after
    for coded in (base64.b64encode(content).decode(), content.hex(), quote(base64.b64encode(content))):
        shown = Mask([value * 2]).text(coded)
        assert "***" in shown
        assert len(shown) < 32, "what is left are codes of what stands around it"


def wrapped(text: str, width: int, end: str) -> str:
    return end.join(text[start : start + width] for start in range(0, len(text), width))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n    ", "\\n", "\\\\r\\\\n"])
@pytest.mark.parametrize("width", [60, 64, 76])
def test_codes_are_hidden_though_they_are_wrapped(width: int, end: str) -> None:
    for place in range(0, 160, 7):
        content = f"{'x' * place}{TOKEN * 5} and so on, and so on".encode()
        for coded in (base64.b64encode(content).decode(), content.hex()):
            shown = Mask([TOKEN * 5]).text(f"before{end}{wrapped(coded, width, end)}{end}after")
            assert shown.startswith(f"before{end}")
            assert shown.endswith(f"{end}after")
            assert "***" in shown
            assert len(shown) < len(coded) - len(TOKEN * 5)


def test_lines_are_joined_for_nothing_else() -> None:
    text = "0123456789abcdef0123456789abcdef\n  and the next line\n"
    assert Mask(["correct horse"]).text(text) == text


def test_what_surrounds_it_stays() -> None:
    assert Mask(["correct horse"]).text("a correct horse!") == "a ***!"
    shown = Mask(["correct horse"]).text("Basic " + base64.b64encode(b"user:correct horse").decode())
    assert shown == "Basic dXNlcjp***"


@given(VALUES, st.text(max_size=30), st.text(max_size=30))
def test_a_value_is_found_nowhere_in_a_text(value: str, before: str, after: str) -> None:
    mask = Mask([value])
    assert value not in mask.text(before + value + after).replace("***", "\0")


@given(VALUES, st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_nor_in_json(value: str, rest: Any) -> None:
    shown = Mask([value]).json({"a": [rest, value], value: {"b": f"x{value}y"}})
    assert value not in json.dumps(shown, ensure_ascii=False).replace("***", "\0")
    assert shown["a"][1] == "***"


@given(st.text())
def test_what_holds_no_secret_stays(text: str) -> None:
    assert Mask().text(text) == Mask(["a value that is long enough to be in no such text"]).text(text) == text


def test_numbers_and_keys() -> None:
    document = {"12345678": [12345678, -12345678.5, 1234567, True, None]}
    assert Mask(["12345678"]).json(document) == {"***": ["***", "***", 1234567, True, None]}


def test_each_line_of_a_long_one_is_hidden() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nabc\n-----END KEY-----\n"
    shown = Mask([key]).text("it begins with MIIEvQIBADANBgkq, then abc; all: " + key)
    assert shown == "it begins with ***, then abc; all: ***"


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("Bearer eyJhbGciOi.J9", "eyJhbGciOi.J9"),
        ("Token  token=0123456789", "token=0123456789"),
        ("https://hooks.example/services/T0/B0/xyz", "/services/T0/B0/xyz"),
        ("https://api.example/a?key=0123456789&b=1#top", "0123456789"),
        ("postgres://me:0123456789@db.example/data", "0123456789"),
        ("smtp://me:0123456789@mail.example:25", "0123456789"),
    ],
)
def test_parts_that_are_often_shown_alone_are_hidden(value: str, part: str) -> None:
    assert Mask([value]).text(f"I got '{part}', no more") == "I got '***', no more"


def test_what_a_cut_leaves_of_a_value_is_left_out() -> None:
    text = "a correct horse, a correct horse"
    hide = Mask(["correct horse"]).text
    cut = [without_cut_value(text[:length], text, hide) for length in (1, 5, 15, 16, 31)]
    assert cut == ["a", "a ", "a ***", "a ***,", "a ***, a "]


@pytest.mark.parametrize("form", FORMS)
def test_letters_that_are_small_in_another_way_are_found_too(form: Callable[[str], str]) -> None:
    assert "***" in Mask(["x\u0130\u212ay\u0130\u212ax\u0130"]).text(
        form("x\u0130\u212ay\u0130\u212ax\u0130")
    )


@given(st.lists(VALUES, min_size=2, max_size=4), st.integers(0, 7), st.data())
def test_of_those_that_overlap_nothing_is_left(values: list[str], shared: int, data: st.DataObject) -> None:
    first, second = values[0], values[0][-shared:] + values[1] if shared else values[1]
    text = first + second[shared:]
    shown = Mask([first, second]).text(f"before {text} after")
    assert shown.removeprefix("before ").removesuffix(" after").strip("*") == ""


def test_what_is_not_there_costs_no_pattern() -> None:
    mask = Mask(["correct horse", "battery staple"])
    before = pattern_of.cache_info().misses
    assert mask.text("a horse and a staple") == "a horse and a staple"
    assert pattern_of.cache_info().misses == before


def test_of_two_the_longer_one_goes_first() -> None:
    assert Mask(["horse-battery", "correct-horse-battery"]).text("correct-horse-battery") == "***"


def test_short_ones_would_hide_too_much() -> None:
    assert Mask(["short"]).text("in short") == "in short"
    assert not Mask(["short"])
