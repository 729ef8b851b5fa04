"""Placeholders in texts: what they become, and what is wrong with them. Pure."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from schedules.recurrence.zone_names import zone_names
from schedules.recurrence.zones import timeline
from schedules.template.placeholders import DIRECTIVES, Moments, faults, has_any, largest, render

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = Moments(
    datetime(2026, 3, 29, 7, tzinfo=UTC),
    previous_scheduled_for=datetime(2026, 3, 28, 8, tzinfo=UTC),
    next_scheduled_for=None,
)


def rendered(text: str, moments: Moments = MOMENTS, zone: ZoneInfo = BERLIN) -> object:
    return render({"text": text}, moments, zone)["text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ scheduled_for }}", "2026-03-29T09:00:00+02:00"),
        ("{{ previous_scheduled_for }}", "2026-03-28T09:00:00+01:00"),
        ("{{scheduled_for}}", "2026-03-29T09:00:00+02:00"),
        ("{{\n\tscheduled_for   :   %F\n}}", "2026-03-29"),
        ("report-{{ scheduled_for:%Y-%m-%d }}.csv", "report-2026-03-29.csv"),
        ("{{ previous_scheduled_for:%F }}/{{ scheduled_for:%F }}", "2026-03-28/2026-03-29"),
        ("{{ scheduled_for:%d. %m. um %H:%M Uhr }}", "29. 03. um 09:00 Uhr"),
        ("{{ scheduled_for:{%Y} }}", "{2026}"),
        ("100% of {{ scheduled_for:%Y }}", "100% of 2026"),
        ("{{ scheduled_for:%%Y %Y }}", "%Y 2026"),
    ],
)
def test_what_a_placeholder_becomes(text: str, expected: str) -> None:
    assert rendered(text) == expected
    assert faults({"text": text}) == []


@pytest.mark.parametrize(
    ("directive", "expected"),
    [
        ("%Y", "2026"),
        ("%y", "26"),
        ("%m", "01"),
        ("%d", "02"),
        ("%H", "03"),
        ("%M", "04"),
        ("%S", "05"),
        ("%F", "2026-01-02"),
        ("%T", "03:04:05"),
        ("%j", "002"),
        ("%G", "2026"),
        ("%V", "01"),
        ("%u", "5"),
        ("%z", "+0100"),
        ("%:z", "+01:00"),
        ("%Z", "CET"),
        ("%s", "1767319445"),
        ("%%", "%"),
    ],
)
def test_every_directive(directive: str, expected: str) -> None:
    moments = Moments(datetime(2026, 1, 2, 2, 4, 5, 999_999, tzinfo=UTC))
    assert rendered(f"{{{{ scheduled_for:%Y{directive} }}}}", moments) == f"2026{expected}"


def test_no_directive_is_left_out() -> None:
    [table] = test_every_directive.pytestmark  # type: ignore[attr-defined]
    assert [directive for directive, _ in table.args[1]] == list(DIRECTIVES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ next_scheduled_for }}", None),
        ("{{ next_scheduled_for:%F }}", None),
        (" {{ next_scheduled_for }}", " "),
        ("until {{ next_scheduled_for:%F }}.", "until ."),
    ],
)
def test_a_moment_that_is_not(text: str, expected: str | None) -> None:
    assert rendered(text) == expected
    assert faults({"text": text}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://a/?t={{ scheduled_for }}", "http://a/?t=2026-03-29T09:00:00%2B02:00"),
        (
            "HTTPS://a/?t={{scheduled_for:%F %T}}&u={{scheduled_for:%z}}",
            "HTTPS://a/?t=2026-03-29%2009:00:00&u=%2B0200",
        ),
        ("http://a/{{ scheduled_for:%Y/%m/%d }}/{{ scheduled_for:é%Y }}", "http://a/2026/03/29/%C3%A92026"),
        ("http://a/?{{ scheduled_for:y=%Y&z=%%2B }}+b", "http://a/?y=2026&z=%2B+b"),
        ("http://a/?t={{ next_scheduled_for }}", "http://a/?t="),
        ("http://a/ at {{ scheduled_for }}", "http://a/ at 2026-03-29T09:00:00+02:00"),
        ("see http://a/{{ scheduled_for }}", "see http://a/2026-03-29T09:00:00+02:00"),
    ],
)
def test_in_a_url_it_is_percent_encoded(text: str, expected: str) -> None:
    assert rendered(text) == expected
    assert faults({"text": text}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{{{", "{{"),
        ("{{{{ scheduled_for }}", "{{ scheduled_for }}"),
        ("{{{{{{{{", "{{{{"),
        ("{{{{{", "{{{"),
        ("{{{{{{ scheduled_for:%F }}}}", "{{2026-03-29}}"),
        ("{{{{{{{ scheduled_for:%F }}", "{{{2026-03-29"),
        ('{"a":{{ scheduled_for:%s }}}', '{"a":1774767600}'),
        ('{"a":{"b":{{{ scheduled_for:%s }}}}}', '{"a":{"b":{1774767600}}}'),
        ('{"a":{"b":{}}}', '{"a":{"b":{}}}'),
        ("}} { }", "}} { }"),
    ],
)
def test_braces_that_are_meant(text: str, expected: str) -> None:
    assert rendered(text) == expected
    assert faults({"text": text}) == []


KNOWN = "scheduled_for, previous_scheduled_for, next_scheduled_for"
NAMED = f"must have one of {KNOWN} between {{{{ and }}}}, got "
CLOSED = "must close {{ with }}, got "
DIRECTED = f"must have no directives but {' '.join(DIRECTIVES)}, got "
ESCAPE = "; write {{{{ where {{ itself is meant"


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("{{ x }}", "unknown_placeholder", f'{NAMED}"x"{ESCAPE}'),
        ("{{}}", "unknown_placeholder", f'{NAMED}""{ESCAPE}'),
        ("{{ :%Y }}", "unknown_placeholder", f'{NAMED}""{ESCAPE}'),
        ("{{ sheduled_for }}", "unknown_placeholder", f'{NAMED}"sheduled_for"; did you mean scheduled_for?'),
        ("{{ next }}", "unknown_placeholder", f'{NAMED}"next"; did you mean next_scheduled_for?'),
        ("{{ now }}", "unknown_placeholder", f'{NAMED}"now"{ESCAPE}'),
        (
            "{{ prev_scheduled_for:%F }}",
            "unknown_placeholder",
            f'{NAMED}"prev_scheduled_for"; did you mean previous_scheduled_for?',
        ),
        ("a{{", "unclosed_placeholder", f'{CLOSED}"{{{{"{ESCAPE}'),
        ("{{ scheduled_for }", "unclosed_placeholder", f'{CLOSED}"{{{{ scheduled_for }}"{ESCAPE}'),
        ("{{ scheduled_for } }", "unclosed_placeholder", f'{CLOSED}"{{{{ scheduled_for }} }}"{ESCAPE}'),
        ("{{ scheduled_for:%B }}", "unknown_directive", f'{DIRECTED}"%B"'),
        ("{{ scheduled_for:%Y-%D }}", "unknown_directive", f'{DIRECTED}"%D"; did you mean %d?'),
        ("{{ scheduled_for:%:Y }}", "unknown_directive", f'{DIRECTED}"%:Y"'),
        (
            "{{ scheduled_for:%Y % }}",
            "unknown_directive",
            f'{DIRECTED}"%"; write %% where a percent sign is meant',
        ),
        ("{{ scheduled_for: }}", "missing_directive", None),
        ("{{ scheduled_for:YYYY-MM-DD }}", "missing_directive", None),
        ("{{ scheduled_for:%% }}", "missing_directive", None),
    ],
)
def test_what_is_refused(text: str, code: str, detail: str | None) -> None:
    [fault] = faults({"body": [{"x": text}]})
    assert (fault.path, fault.code) == (("body", 0, "x"), code)
    if detail is not None:
        assert fault.detail == detail
    assert rendered(text) is not None  # and yet, stored by whatever way, it stops no sweep


def test_every_fault_is_told_and_no_more_than_fifty() -> None:
    twice = faults({"a": "{{ x }} {{ scheduled_for }} {{ y", "b": ["{{ scheduled_for:%Q }}"]})
    assert [(fault.path, fault.code) for fault in twice] == [
        (("a",), "unknown_placeholder"),
        (("a",), "unclosed_placeholder"),
        (("b", 0), "unknown_directive"),
    ]
    assert len(faults({"a": "{{ x }}" * 1_000})) == 50


def test_only_texts_have_placeholders_and_keys_have_none() -> None:
    arguments = {"{{ x }}": [None, True, 1, 1.5, {"{{ scheduled_for }}": "{{ scheduled_for:%Y }}"}]}
    assert faults(arguments) == []
    [[*others, innermost]] = render(arguments, MOMENTS, BERLIN).values()
    assert (others, innermost) == ([None, True, 1, 1.5], {"{{ scheduled_for }}": "2026"})
    assert not has_any({"{{ x }}": [1, {"a": "b"}]})


def test_arguments_without_placeholders_are_handed_on_as_they_are() -> None:
    arguments = {"body": [{"a": "b"}, "{ } }}"]}
    assert render(arguments, MOMENTS, BERLIN) is arguments


@pytest.mark.parametrize("edge", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_edges_of_the_calendar(edge: datetime, zone: str) -> None:
    text = rendered("{{ scheduled_for }}", Moments(edge), ZoneInfo(zone))
    assert re.fullmatch(rf"{edge.year:04}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d(:\d\d)?", str(text))


@pytest.mark.parametrize("directive", [name for name in DIRECTIVES if name != "%Z"])
def test_how_long_a_directive_may_become(directive: str) -> None:
    years = [datetime(year, 11, 30, 22, 33, 44, tzinfo=UTC) for year in (1, 1880, 2026, 9999)]
    lengths = {len(DIRECTIVES[directive].write(at.astimezone(BERLIN))) for at in years}
    assert max(lengths) == DIRECTIVES[directive].longest


def test_how_long_the_name_of_a_zones_time_may_become() -> None:
    zones = [timeline(name).zone for name in sorted(zone_names())]
    instants = [datetime(year, month, 1, tzinfo=UTC) for year in range(1850, 2040, 2) for month in (1, 7)]
    longest = max(len(at.astimezone(zone).tzname() or "") for zone in zones for at in instants)
    assert 3 <= longest <= DIRECTIVES["%Z"].longest


def test_the_largest_rendering_of_many() -> None:
    arguments = {"a": "{{next_scheduled_for:%u}}", "b": "{{scheduled_for:%F}}/{{{{"}
    assert largest(arguments) == {"a": "++", "b": "++++++++++/{{"}
