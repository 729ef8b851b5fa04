"""For any arguments at all: what is taken at the door renders at every moment, in every zone, and fits."""

from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from rest.json import dump
from schedules.recurrence.zone_names import zone_names
from schedules.recurrence.zones import timeline
from schedules.template.placeholders import DIRECTIVES, NAMES, Moments, faults, has_any, largest, render

PIECES = st.sampled_from(
    [
        "http://a/?t=",
        "{",
        "{{",
        "{{{",
        "}",
        "}}",
        "{{ ",
        " }}",
        ":",
        " ",
        "%",
        "\n",
        "é",
        '"',
        *NAMES,
        *DIRECTIVES,
        "%B",
    ]
)
FORMATS = st.lists(st.sampled_from([*DIRECTIVES, "-", " ", "T", "{ ", "é"])).map(
    lambda pieces: ":%Y" + "".join(pieces)
)
GOOD = st.builds("{{{{ {} {} }}}}".format, st.sampled_from(NAMES), st.just("") | FORMATS)
URLS = GOOD.map("https://a/?t={}&u=%2B".format)
TEXTS = st.lists(PIECES | GOOD | st.text(max_size=3)).map("".join) | GOOD | URLS
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
ARGUMENTS = st.dictionaries(
    TEXTS,
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_size=3,
)
EDGES = st.sampled_from([datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
INSTANTS = EDGES | st.datetimes(timezones=st.just(UTC))
MOMENTS = st.builds(Moments, INSTANTS, st.none() | INSTANTS, st.none() | INSTANTS)
ZONES = st.sampled_from(sorted(zone_names())).map(lambda name: timeline(name).zone)


def shape(value: Any) -> Any:
    """The value with its texts left out, and with null where a text may have become null."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return None if isinstance(value, str) else value


@given(ARGUMENTS, MOMENTS, ZONES)
@example({"a": "{{ next_scheduled_for:%u }}"}, Moments(datetime.max.replace(tzinfo=UTC)), ZoneInfo("UTC"))
def test_it_renders_whatever_it_is_and_never_to_more_than_was_foreseen(
    arguments: dict[str, Any], moments: Moments, zone: ZoneInfo
) -> None:
    rendered = render(arguments, moments, zone)
    assert shape(rendered) == shape(arguments)
    assert len(dump(rendered)) <= len(dump(largest(arguments)))


@given(ARGUMENTS, MOMENTS, ZONES)
def test_what_has_no_braces_comes_back_as_it_is(
    arguments: dict[str, Any], moments: Moments, zone: ZoneInfo
) -> None:
    rendered = render(arguments, moments, zone)
    assert has_any(arguments) or rendered is arguments
    for text, result in zip(texts(arguments), texts(rendered), strict=True):
        assert "{{" in (text or "") or result == text


def texts(value: Any) -> list[str | None]:
    """The texts within, and null wherever it stands."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] if value is None or isinstance(value, str) else list(chain(*map(texts, children)))


@given(TEXTS, MOMENTS, ZONES)
def test_any_text_can_be_said_by_doubling_its_braces(text: str, moments: Moments, zone: ZoneInfo) -> None:
    doubled = {"text": text.replace("{{", "{{{{")}
    assert faults(doubled) == []
    assert render(doubled, moments, zone) == {"text": text}


@given(st.lists(GOOD | st.sampled_from(["", "a", "}", "{{{{", "%"])).map("".join), MOMENTS, ZONES)
def test_what_is_well_formed_has_no_fault_and_is_replaced(
    text: str, moments: Moments, zone: ZoneInfo
) -> None:
    assert faults({"text": text}) == []
    rendered = render({"text": text}, moments, zone)["text"]
    assert rendered is None or not any(name in rendered for name in NAMES)


@given(URLS, MOMENTS, ZONES)
def test_what_is_written_in_a_query_arrives(url: str, moments: Moments, zone: ZoneInfo) -> None:
    placeholder = url.removeprefix("https://a/?t=").removesuffix("&u=%2B")
    rendered = render({"url": url, "text": f"{placeholder}."}, moments, zone)
    arrived = dict(parse_qsl(urlsplit(rendered["url"]).query, keep_blank_values=True))
    # A percent sign of the format is left to whoever wrote it, as it stands in a URL.
    assert "%" in rendered["text"] or arrived == {"t": rendered["text"][:-1], "u": "+"}


@given(INSTANTS, ZONES)
def test_an_instant_names_itself(instant: datetime, zone: ZoneInfo) -> None:
    rendered = render(
        {"a": "{{ scheduled_for }}", "b": "{{ scheduled_for:%FT%T%:z }}"}, Moments(instant), zone
    )
    assert rendered["a"] == rendered["b"]
    whole = instant.replace(microsecond=0)
    assert datetime.fromisoformat(rendered["a"]) - whole == timedelta()
