"""An rrule as calendars and people write it: what RFC 5545 lets stand beside, and what gets lost on the way."""

import time
from datetime import datetime, timedelta
from itertools import islice

import pytest

from schedules.recurrence import RecurrenceError, Rule, RuleSpec, describe, parse

from .calls import A_PARSE, A_SEARCH, bounded
from .reading import utc

START = utc("2025-01-06T00:00")
PLAIN = (
    "DTSTART;TZID=Europe/Berlin:20250101T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE\n"
    "EXDATE;TZID=Europe/Berlin:20250106T090000"
)
UTC = "DTSTART:20250101T090000Z\nRRULE:FREQ=DAILY"


def read(text: str, **fields: str) -> Rule:
    return parse(RuleSpec(rrule=text, **fields))  # type: ignore[arg-type] # zones alone


def instants(text: str) -> list[datetime]:
    return list(islice(read(text).all(), 12))


SAME = [
    (PLAIN, PLAIN.replace("RRULE:", "RRULE;X-RULE=1:")),
    (PLAIN, PLAIN.replace("DTSTART;", "DTSTART;X-VOB-DST=FALSE;")),
    (PLAIN, PLAIN.replace("DTSTART;", 'DTSTART;X-NOTE="a:b;c";')),
    (PLAIN, PLAIN.replace("EXDATE;", "EXDATE;X-A=1;X-B=2;")),
    (PLAIN, PLAIN.replace("TZID=Europe/Berlin", 'TZID="Europe/Berlin"')),
    (PLAIN, PLAIN.replace("TZID=Europe/Berlin", 'TZID="W. Europe Standard Time"')),
    (PLAIN, PLAIN.replace("TZID=Europe/Berlin", "TZID=/mozilla.org/20050126_1/Europe/Berlin")),
    (PLAIN, PLAIN.replace("TZID=Europe/Berlin:", "TZID=Europe/Berlin;:")),
    (PLAIN, PLAIN.replace("TZID=Europe/Berlin", "VALUE=DATE-TIME;TZID=Europe/Berlin")),
    (PLAIN, PLAIN.replace("BYDAY=MO,WE", "BYDAY=MO,WE;")),
    (PLAIN, PLAIN.replace("BYDAY=MO,WE", "BYDAY=MO,WE ; ")),
    (PLAIN, PLAIN.replace("\n", "\r\n")),
    (PLAIN, PLAIN.replace("\n", r"\n")),
    (PLAIN, PLAIN.replace("\n", r"\r\n")),
    (PLAIN, PLAIN.replace("\n", r"\n") + r"\n"),
    (PLAIN, PLAIN.replace("\n", " ")),
    (PLAIN, PLAIN.replace("\n", "\t  ")),
    (PLAIN, PLAIN.replace("\n", "\n ")),
    (PLAIN, PLAIN.replace("\n", "\r\n\t  ").lower().replace("europe/berlin", "Europe/Berlin")),
    (PLAIN, PLAIN.replace("BYDAY=MO,WE", "BYD\r\n AY=MO,WE")),
    (UTC, UTC.replace("DTSTART:", "DTSTART;TZID=UTC:")),
    (UTC, UTC.replace("DTSTART:", "DTSTART;TZID=Etc/UTC:")),
    (UTC, UTC.replace("DTSTART:", "DTSTART;TZID=tzone://Microsoft/Utc:")),
    (UTC, UTC.replace("RRULE:FREQ=DAILY", "FREQ=DAILY;")),
]


@pytest.mark.parametrize(("plain", "written"), SAME, ids=range(len(SAME)))
def test_it_means_the_same(plain: str, written: str) -> None:
    assert instants(written) == instants(plain)
    assert describe(RuleSpec(rrule=written)) == describe(RuleSpec(rrule=plain))


def test_a_zone_beside_utc_does_not_move_a_time_in_utc() -> None:
    removed = f"{UTC}\nEXDATE;TZID=UTC:20250102T090000Z"
    assert instants(removed)[1] == utc("2025-01-03T09:00")


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ('"(UTC+01:00) Amsterdam, Berlin; Bern"', "did you mean Europe/Amsterdam or Europe/Berlin?"),
        ("(UTC+01:00) Amsterdam", "did you mean Europe/Amsterdam?"),
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("PST", "did you mean America/Los_Angeles?"),
        ("x" * 10_000, "expected one like Europe/Berlin or UTC"),
    ],
    ids=range(5),
)
def test_a_zone_that_is_none_is_refused_with_a_hint(zone: str, words: str) -> None:
    with pytest.raises(RecurrenceError) as refusal:
        read(f"DTSTART;TZID={zone}:20250101T090000\nRRULE:FREQ=DAILY")
    assert (refusal.value.field, refusal.value.code) == ("rrule", "unknown_timezone")
    assert words in refusal.value.detail
    assert len(refusal.value.detail) < 200


def test_the_zone_beside_it_may_have_the_other_name() -> None:
    text = 'DTSTART;TZID="W. Europe Standard Time":20250101T090000\nRRULE:FREQ=DAILY'
    assert read(text, timezone="Europe/Berlin").zone.key == "Europe/Berlin"
    assert read(
        text.replace("W. Europe Standard Time", "Europe/Berlin"), timezone="W. Europe Standard Time"
    ).first
    with pytest.raises(RecurrenceError, match="DTSTART is in Europe/Berlin but timezone is UTC"):
        read(text, timezone="UTC")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (UTC.replace("DTSTART:", "DTSTART;X-FOO=1:"), ""),
        (UTC.replace("RRULE:", "RRULE;X-FOO=1:"), ""),
        (UTC.replace("DTSTART:", "DTSTART;TZ=Europe/Berlin:"), "the parameter 'TZ' of DTSTART is ignored"),
        (UTC.replace("RRULE:", "RRULE;TZID=Europe/Berlin:"), "the parameter 'TZID' of RRULE is ignored"),
        (PLAIN, ""),
        (PLAIN.replace("Europe/Berlin", "W. Europe Standard Time"), "is read as Europe/Berlin"),
    ],
)
def test_what_is_ignored_or_read_otherwise_is_told(text: str, words: str) -> None:
    warnings = "; ".join(read(text).warnings)
    assert words in warnings
    assert bool(warnings) == bool(words)


def test_fifty_exceptions_and_many_more() -> None:
    days = [utc("2025-01-01T09:00") + timedelta(days=number) for number in range(900)]
    gone = ",".join(f"{day:%Y%m%dT%H%M%SZ}" for day in days[1:])
    text = f"DTSTART:20250101T090000Z\nRRULE:FREQ=DAILY;COUNT=1000\nEXDATE:{gone}"
    assert 15_000 < len(text) <= 16_384
    with bounded(A_PARSE):
        rule = read(text)
    assert rule.warnings == ()
    assert instants(text)[:2] == [days[0], days[-1] + timedelta(days=1)]
    assert len(describe(RuleSpec(rrule=text))) < 1_000
    with bounded(A_SEARCH):
        assert rule.count(days[0], days[-1] + timedelta(days=1_000), 10**6) == 101


HALVES = 450
DATES = [
    f"{utc('2025-01-01T09:00') + timedelta(hours=7 * number):%Y%m%dT%H%M%SZ}" for number in range(2 * HALVES)
]
LONG = [
    f"FREQ=MINUTELY\nEXDATE:{','.join(DATES)}",
    f"FREQ=SECONDLY;INTERVAL=86399\nEXDATE;VALUE=DATE:{','.join(f'{n:04}0228' for n in range(2028, 3600, 4))}",
    f"FREQ=MINUTELY\nRDATE:{','.join(DATES[:HALVES])}\nEXDATE:{','.join(DATES[HALVES:])}",
    "\n".join([*["FREQ=DAILY"] * 200, f"EXDATE:{','.join(DATES[:800])}"]),
    "\n".join(f"FREQ=DAILY;INTERVAL={2 + number};BYHOUR=1,2,3,4,5,6,7" for number in range(200)),
    "\n".join([*["FREQ=MINUTELY"] * 100, *["EXRULE:FREQ=MINUTELY;BYDAY=MO"] * 100]),
    f"RDATE:{','.join(DATES)}",
]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_a_long_text_costs_no_more_than_a_search_may(text: str) -> None:
    spec = RuleSpec(rrule=text, timezone="Europe/Berlin", starts_at=utc("2025-01-01T09:00"))
    with bounded(A_PARSE):
        rule = parse(spec)
    for question in (rule.next, rule.previous):
        with bounded(A_SEARCH):
            question(utc("2026-11-20T10:42:17"))
    with bounded(10 * A_SEARCH):
        rule.count(utc("2025-01-01T00:00"), utc("2025-03-01T00:00"), 10**6)
    with bounded(A_PARSE):
        describe(spec)


@pytest.mark.parametrize("filler", [" ", "\t", "\n ", "\r\n\t", ";", '"', "\\n", "X", ":", ";X=", "\n", '";'])
def test_fillers_take_no_longer_than_their_length(filler: str) -> None:
    text = "RRULE" + filler * (16_300 // len(filler)) + ":FREQ=DAILY"
    began = time.thread_time()
    assert len(refused(text)) < 300
    assert time.thread_time() - began < 1  # some milliseconds, where a square of it takes many seconds


def refused(text: str) -> str:
    try:
        read(text)
    except RecurrenceError as refusal:
        return refusal.detail
    return ""
