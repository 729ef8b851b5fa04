"""Rules in plain English: tables of sentences, and what every sentence has to say."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.recurrence import RecurrenceError, RuleSpec, describe

from .reading import utc
from .test_fuzz import crons, lines, rrules, zones

FOLDER = Path(__file__).parent / "descriptions"
BERLIN = "Europe/Berlin"
DTSTART = "DTSTART;TZID=Europe/Berlin:20260106T090000\n"
START = datetime(2026, 1, 6, 8, tzinfo=UTC)


def table(name: str) -> list[tuple[str, str]]:
    """The rules of a file, each with its sentence on the line below."""
    rows = (FOLDER / name).read_text().splitlines()
    return [(rule, sentence.strip()) for rule, sentence in zip(rows[::2], rows[1::2], strict=True)]


@pytest.mark.parametrize(("rule", "sentence"), table("cron.txt"))
def test_cron(rule: str, sentence: str) -> None:
    assert describe(RuleSpec(cron=rule, timezone=BERLIN)) == sentence


@pytest.mark.parametrize(("rule", "sentence"), table("rrule.txt"))
def test_rrule(rule: str, sentence: str) -> None:
    assert describe(RuleSpec(rrule=f"{DTSTART}RRULE:{rule}")) == sentence


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"every_x_days": 1}, "Every day at 09:00 Europe/Berlin, from 6 January 2026"),
        ({"every_x_days": 3}, "Every third day at 09:00 Europe/Berlin, from 6 January 2026"),
        (
            {"every_x_days": 30, "ends_at": utc("2026-12-31T22:59:59")},
            "Every 30 days at 09:00 Europe/Berlin, from 6 January 2026, until 31 December 2026",
        ),
        ({"every_x_hours": 1}, "Every hour, from 6 January 2026 at 09:00 Europe/Berlin"),
        ({"every_x_minutes": 1}, "Every minute, from 6 January 2026 at 09:00 Europe/Berlin"),
        ({"every_x_minutes": 90}, "Every 90 minutes, from 6 January 2026 at 09:00 Europe/Berlin"),
        ({"every_x_seconds": 1}, "Every second, from 6 January 2026 at 09:00 Europe/Berlin"),
        (
            {"every_x_hours": 1, "every_x_minutes": 30},
            "Every 1 hour and 30 minutes, from 6 January 2026 at 09:00 Europe/Berlin",
        ),
        (
            {"every_x_days": 2, "every_x_hours": 1, "every_x_minutes": 15, "every_x_seconds": 5},
            "Every 2 days, 1 hour, 15 minutes and 5 seconds, from 6 January 2026 at 09:00 Europe/Berlin",
        ),
        ({"every_x_hours": 36}, "Every 36 hours, from 6 January 2026 at 09:00 Europe/Berlin"),
        (
            {"every_x_days": 1, "every_x_hours": 12},
            "Every 1 day and 12 hours, from 6 January 2026 at 09:00 Europe/Berlin",
        ),
        ({"run_at": utc("2026-12-24T17:00:05")}, "Once, on 24 December 2026 at 18:00:05 Europe/Berlin"),
        (
            {"cron": "0 9 * * *", "ends_at": utc("2026-03-01T11:30")},
            "Every day at 09:00 Europe/Berlin, from 6 January 2026, until 1 March 2026",
        ),
        (
            {"cron": "*/10 * * * *", "ends_at": utc("2026-03-01T11:30")},
            "Every 10 minutes, from 6 January 2026 at 09:00 Europe/Berlin, until 1 March 2026 at 12:30",
        ),
        ({"rrule": "FREQ=DAILY;BYHOUR=7"}, "Every day at 07:00 Europe/Berlin, from 7 January 2026"),
        (
            {"rrule": "FREQ=DAILY;INTERVAL=3;BYHOUR=7"},
            "Every third day at 07:00 Europe/Berlin, from 9 January 2026",
        ),
        (
            {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;BYHOUR=7"},
            "Every second week on Monday and Tuesday at 07:00 Europe/Berlin, from 19 January 2026",
        ),
        (
            {"rrule": "FREQ=DAILY;BYHOUR=7,17"},
            "Every day at 07:00 and 17:00 Europe/Berlin, from 6 January 2026 at 17:00",
        ),
        (
            {"rrule": "FREQ=DAILY;BYHOUR=7;COUNT=3"},
            "Every day at 07:00 Europe/Berlin, from 7 January 2026, 3 times",
        ),
        (
            {"rrule": "FREQ=DAILY;BYHOUR=7\nEXDATE;VALUE=DATE:20260107"},
            "Every day at 07:00 Europe/Berlin, from 6 January 2026 at 09:00, except 7 January 2026",
        ),
        ({"cron": "0 7 * * *"}, "Every day at 07:00 Europe/Berlin, from 7 January 2026"),
        (
            {"cron": "*/10 7 * * *"},
            "Every 10 minutes between 07:00 and 07:50 Europe/Berlin, from 7 January 2026",
        ),
    ],
)
def test_with_bounds(fields: dict[str, Any], sentence: str) -> None:
    starts = None if "run_at" in fields else START
    assert describe(RuleSpec(**{"timezone": BERLIN, "starts_at": starts, **fields})) == sentence


@pytest.mark.parametrize(
    ("rrule", "sentence"),
    [
        (
            "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=10\nEXDATE;TZID=Europe/Berlin:20260120T090000",
            "Every second Tuesday at 09:00 Europe/Berlin, from 6 January 2026, 10 times, except 20 January 2026",
        ),
        (
            "RRULE:FREQ=DAILY\nEXDATE:20261224T080000Z,20261225T080000Z",
            "Every day at 09:00 Europe/Berlin, from 6 January 2026, except 24 and 25 December 2026",
        ),
        (
            "RRULE:FREQ=DAILY\nEXDATE:" + ",".join(f"2026010{day}T080000Z" for day in range(1, 10)),
            "Every day at 09:00 Europe/Berlin, from 6 January 2026, except 6, 7, 8 and 9 January 2026",
        ),
        (
            "RRULE:FREQ=DAILY\nRDATE;TZID=America/New_York:20261224T120000",
            "Every day at 09:00 Europe/Berlin, from 6 January 2026, and also on 24 December 2026 at 18:00",
        ),
        (
            "RRULE:FREQ=DAILY;UNTIL=20261231",
            "Every day at 09:00 Europe/Berlin, from 6 January 2026, until 31 December 2026",
        ),
        (
            "RRULE:FREQ=DAILY;BYHOUR=9,17;UNTIL=20261231T110000Z",
            "Every day at 09:00 and 17:00 Europe/Berlin, from 6 January 2026, until 31 December 2026 at 12:00",
        ),
        (
            "RRULE:FREQ=DAILY;COUNT=1",
            "Every day at 09:00 Europe/Berlin, from 6 January 2026, only once",
        ),
        ("RRULE:FREQ=DAILY;COUNT=2", "Every day at 09:00 Europe/Berlin, from 6 January 2026, twice"),
    ],
)
def test_what_stands_beside_a_rule(rrule: str, sentence: str) -> None:
    assert describe(RuleSpec(rrule=DTSTART + rrule)) == sentence


@pytest.mark.parametrize(
    ("rrule", "sentence"),
    [
        (
            "RRULE:FREQ=WEEKLY;BYDAY=MO\nRRULE:FREQ=WEEKLY;BYDAY=FR;BYHOUR=17",
            "Every Monday at 09:00 Europe/Berlin, and every Friday at 17:00, from 6 January 2026",
        ),
        (
            "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=10\nRRULE:FREQ=DAILY;BYHOUR=7;UNTIL=20260401",
            "Every Monday at 09:00 Europe/Berlin, 10 times; and every day at 07:00, until 1 April 2026, "
            "from 6 January 2026 at 09:00",
        ),
        (
            "RRULE:FREQ=HOURLY;INTERVAL=6\nRRULE:FREQ=DAILY;BYHOUR=5",
            "Every day at 03:00, 09:00, 15:00 and 21:00 Europe/Berlin; and every day at 05:00, "
            "from 6 January 2026 at 09:00",
        ),
        (
            "RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY;BYDAY=SA,SU",
            "Every day at 09:00 Europe/Berlin, from 6 January 2026, except every Saturday and Sunday",
        ),
        (
            "RRULE:FREQ=HOURLY\nEXRULE:FREQ=DAILY;BYHOUR=12\nEXDATE;VALUE=DATE:20261224",
            "Every hour on the hour, from 6 January 2026 at 09:00 Europe/Berlin, except every day at 12:00, "
            "and 24 December 2026",
        ),
        (
            "RRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20261224\nRDATE;VALUE=DATE:20261231",
            "Every day at 09:00 Europe/Berlin, from 6 January 2026, except 24 December 2026, "
            "and also on 31 December 2026",
        ),
        (
            "RRULE:FREQ=YEARLY;BYWEEKNO=20",
            "Every Tuesday in week 20 of the year at 09:00 Europe/Berlin, from 6 January 2026",
        ),
        (
            "RRULE:FREQ=YEARLY;INTERVAL=2;BYWEEKNO=20,30;BYDAY=MO,FR",
            "Every Monday and Friday in weeks 20 and 30 of the year in every second calendar year at 09:00 "
            "Europe/Berlin, from 6 January 2026",
        ),
        (
            "RRULE:FREQ=YEARLY;BYWEEKNO=1,-1;BYDAY=MO;WKST=SU",
            "Every Monday in week 1 and the last week of the year at 09:00 Europe/Berlin, "
            "weeks starting on Sunday, from 6 January 2026",
        ),
    ],
)
def test_several_lines_and_weeks(rrule: str, sentence: str) -> None:
    assert describe(RuleSpec(rrule=DTSTART + rrule)) == sentence


def test_the_earlier_end_is_told() -> None:
    for ends_at in (utc("2026-05-01T20:00"), utc("2027-05-01T20:00")):
        text = describe(RuleSpec(rrule=f"{DTSTART}RRULE:FREQ=DAILY;UNTIL=20260701T200000Z", ends_at=ends_at))
        assert text.endswith("until 1 May 2026" if ends_at.year == 2026 else "until 1 July 2026")


@pytest.mark.parametrize(
    "beside",
    [
        "EXDATE:20260107T000000Z",  # another time of day
        "EXDATE;VALUE=DATE:20260105",  # before the start
        "EXRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RDATE:20251224T080000Z",
        "RDATE:20261224T120000Z\nEXDATE:20261224T120000Z",
    ],
)
def test_what_has_no_effect_is_not_told(beside: str) -> None:
    text = describe(RuleSpec(rrule=f"{DTSTART}RRULE:FREQ=DAILY\n{beside}"))
    assert text == "Every day at 09:00 Europe/Berlin, from 6 January 2026"


def test_fifty_exceptions_are_all_told() -> None:
    gone = ",".join(f"2026{month:02}{day:02}T080000Z" for month in (1, 2) for day in range(7, 28))
    text = describe(RuleSpec(rrule=f"{DTSTART}RRULE:FREQ=DAILY\nEXDATE:{gone}", timezone=BERLIN))
    assert text.endswith(
        "26 and 27 January 2026 and " + ", ".join(map(str, range(7, 27))) + " and 27 February 2026"
    )


def test_a_rule_that_is_refused_is_not_described() -> None:
    with pytest.raises(RecurrenceError):
        describe(RuleSpec(cron="0 0 30 2 *"))


def sound(spec: RuleSpec) -> str | None:
    """The sentence of a rule that is accepted. It has words only, and no gaps between them."""
    try:
        text = describe(spec)
    except RecurrenceError:
        return None
    assert text[0].isupper()
    assert text.isprintable()
    assert "  " not in text
    assert not text.endswith((" ", ",", "."))
    assert text.count("(") == text.count(")")
    return text


@settings(max_examples=600, deadline=None)
@given(rrules, lines, zones)
def test_every_rrule_that_is_accepted_has_a_sentence(text: str, more: str, zone: str | None) -> None:
    sound(RuleSpec(rrule=text + more, timezone=zone, starts_at=START))


exceptions = st.builds("\nEXRULE:{}\nEXDATE;VALUE=DATE:20260301".format, rrules)
weeks = st.builds(
    "\nRRULE:FREQ=YEARLY;BYWEEKNO={};INTERVAL={}".format, st.integers(-53, 53), st.integers(1, 12)
)


@settings(max_examples=300, deadline=None)
@given(rrules, exceptions | weeks)
def test_several_lines_that_are_accepted_have_a_sentence(text: str, more: str) -> None:
    sound(RuleSpec(rrule=f"RRULE:{text}{more}", starts_at=START))


@settings(max_examples=400, deadline=None)
@given(crons, zones)
def test_every_cron_that_is_accepted_has_a_sentence(text: str, zone: str | None) -> None:
    sound(RuleSpec(cron=text, timezone=zone))


CALENDAR = st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"])


@settings(max_examples=300, deadline=None)
@given(
    CALENDAR,
    st.integers(1, 60),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 6),
    st.integers(1, 12),
)
def test_each_part_shows(freq: str, interval: int, hour: int, minute: int, day: int, month: int) -> None:
    parts = f"FREQ={freq};INTERVAL={interval};BYHOUR={hour};BYMINUTE={minute};BYSECOND=0;BYMONTH={month}"
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day]
    text = sound(RuleSpec(rrule=f"{parts};BYDAY={weekday};COUNT=7", timezone="Asia/Tokyo", starts_at=START))
    if text is None:
        return
    assert f"{hour:02}:{minute:02} Asia/Tokyo" in text
    assert datetime(2026, month, 1).strftime("%B") in text  # noqa: DTZ001 - for its name alone
    assert datetime(2026, 1, 5 + day).strftime("%A") in text  # noqa: DTZ001
    assert ", 7 times" in text
    assert interval < 11 or str(interval) in text
