"""rrule beyond the RFC's examples: phases, ends, amendments, clock changes."""

import pytest

from .reading import local, rule, utc, walls

START = "2025-01-01T09:00"


def test_a_bare_rule_takes_start_and_zone_from_the_spec() -> None:
    assert local(rule("FREQ=SECONDLY;INTERVAL=2;COUNT=3", starts_at="2025-01-01T09:00:00.4"), 9) == [
        "2025-01-01 09:00:01+0000",
        "2025-01-01 09:00:03+0000",
        "2025-01-01 09:00:05+0000",
    ]
    assert local(rule("FREQ=DAILY", "Asia/Kathmandu", starts_at=START), 1) == ["2025-01-01 14:45:00+0545"]


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("DTSTART;TZID=Asia/Tokyo:20250101T090000\nRRULE:FREQ=DAILY", None, "2025-01-01 09:00:00+0900"),
        (
            "DTSTART;TZID=Asia/Tokyo:20250101T090000\nRRULE:FREQ=DAILY",
            "Asia/Tokyo",
            "2025-01-01 09:00:00+0900",
        ),
        ("DTSTART:20250101T090000Z\r\nRRULE:FREQ=DAILY\r\n", None, "2025-01-01 09:00:00+0000"),
        ("DTSTART:20250101T090000Z\nFREQ=DAILY", "Etc/UTC", "2025-01-01 09:00:00+0000"),
        ("RRULE:FREQ=DAILY\nDTSTART:20250101T090000", "Asia/Tokyo", "2025-01-01 09:00:00+0900"),
        ("DTSTART:20250101T090000\nRRULE:FREQ=DAILY", None, "2025-01-01 09:00:00+0000"),
        (
            "dtstart;tzid=Asia/Tokyo:20250101t090000\nrrule:freq=daily;byday=we",
            None,
            "2025-01-01 09:00:00+0900",
        ),
        (
            "DTSTART;TZID=Asia/To\n kyo:20250101T090000\r\nRRULE:FREQ=DA\r\n\tILY",
            None,
            "2025-01-01 09:00:00+0900",
        ),
        (
            'DTSTART;VALUE=DATE-TIME;TZID="Asia/Tokyo":20250101T090000\nFREQ=DAILY',
            None,
            "2025-01-01 09:00:00+0900",
        ),
    ],
)
def test_forms_of_dtstart(text: str, zone: str | None, expected: str) -> None:
    assert local(rule(text, zone), 1) == [expected]


NAMED = [
    (
        "FREQ=MONTHLY;BYDAY=MO,1FR",
        ["2025-01-03", "2025-01-06", "2025-01-13", "2025-01-20", "2025-01-27", "2025-02-03"],
    ),
    ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", ["2025-01-06", "2025-01-13"]),
    ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", ["2025-01-01", "2025-01-08"]),
    ("FREQ=YEARLY;BYMONTHDAY=15", ["2025-01-15", "2026-01-15"]),
    ("FREQ=YEARLY;BYMONTH=3,5", ["2025-03-01", "2025-05-01", "2026-03-01"]),
    ("FREQ=YEARLY;BYYEARDAY=-1,1;BYMONTHDAY=-1,1", ["2025-01-01", "2025-12-31", "2026-01-01"]),
    ("FREQ=YEARLY;BYYEARDAY=60;BYMONTHDAY=1", ["2025-03-01", "2026-03-01", "2027-03-01"]),
    ("FREQ=YEARLY;BYYEARDAY=-1,60", ["2025-03-01", "2025-12-31", "2026-03-01"]),
    ("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3,10", ["2025-03-30", "2025-10-26", "2026-03-29"]),
    ("FREQ=YEARLY;BYDAY=53WE", ["2025-12-31", "2031-12-31"]),
    (
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        ["2025-12-31", "2026-12-31", "2027-12-31", "2028-12-29"],
    ),
    ("FREQ=MONTHLY;BYMONTHDAY=31", ["2025-01-31", "2025-03-31", "2025-05-31"]),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2025-01-31", "2025-02-28", "2025-03-31"]),
    ("FREQ=MONTHLY;BYMONTHDAY=-31", ["2025-01-01", "2025-03-01", "2025-05-01"]),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", ["2044-02-29", "2072-02-29", "2112-02-29"]),
    ("FREQ=DAILY;INTERVAL=1000", ["2025-01-01", "2027-09-28", "2030-06-24"]),
    ("FREQ=HOURLY;INTERVAL=48;BYDAY=FR", ["2025-01-03", "2025-01-17"]),
]


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_a_rule_names_days(text: str, expected: list[str]) -> None:
    assert walls(rule(text, starts_at=START), len(expected)) == [f"{day} 09:00" for day in expected]


SETS_OF_TIMES = [
    ("FREQ=DAILY;BYHOUR=8,10,12;BYMINUTE=0,30;BYSETPOS=2,-1", ["01 12:30:00", "02 08:30:00", "02 12:30:00"]),
    ("FREQ=HOURLY;BYMINUTE=5,10,15;BYSETPOS=2", ["01 09:10:00", "01 10:10:00"]),
    ("FREQ=MINUTELY;BYSECOND=7,8,9;BYSETPOS=-1", ["01 09:00:09", "01 09:01:09"]),
    ("FREQ=SECONDLY;BYSECOND=3,9;BYSETPOS=-1", ["01 09:00:03", "01 09:00:09"]),
]


@pytest.mark.parametrize(("text", "expected"), SETS_OF_TIMES)
def test_bysetpos_picks_times(text: str, expected: list[str]) -> None:
    found = local(rule(text, starts_at=START), len(expected))
    assert [moment.removeprefix("2025-01-")[:11] for moment in found] == expected


# Europe/Berlin: 2025-03-30 02:00 -> 03:00, 2025-10-26 03:00 -> 02:00.
CHANGES = [
    ("DAILY", "20250329T023000", ["29 02:30:00+0100", "30 03:30:00+0200", "31 02:30:00+0200"]),
    (
        "DAILY;BYHOUR=2,3;BYMINUTE=30",
        "20250330T000000",
        ["30 03:30:00+0200", "31 02:30:00+0200", "31 03:30:00+0200"],
    ),
    (
        "DAILY;BYHOUR=2,3;BYMINUTE=15,45",
        "20250330T021500",
        ["30 03:15:00+0200", "30 03:45:00+0200", "31 02:15:00+0200"],
    ),
    (
        "DAILY;BYHOUR=2,3;BYMINUTE=0,20;BYSETPOS=2,3",
        "20250330T000000",
        ["30 03:00:00+0200", "30 03:20:00+0200", "31 02:20:00+0200", "31 03:00:00+0200"],
    ),
    ("DAILY", "20251025T023000", ["25 02:30:00+0200", "26 02:30:00+0200", "27 02:30:00+0100"]),
    ("HOURLY", "20250330T013000", ["30 01:30:00+0100", "30 03:30:00+0200", "30 04:30:00+0200"]),
    (
        "HOURLY",
        "20251026T013000",
        ["26 01:30:00+0200", "26 02:30:00+0200", "26 02:30:00+0100", "26 03:30:00+0100"],
    ),
    ("HOURLY;INTERVAL=2", "20250330T000000", ["30 00:00:00+0100", "30 04:00:00+0200", "30 06:00:00+0200"]),
    (
        "HOURLY;INTERVAL=2",
        "20251026T000000",
        ["26 00:00:00+0200", "26 02:00:00+0200", "26 02:00:00+0100", "26 04:00:00+0100"],
    ),
    (
        "MINUTELY;INTERVAL=45",
        "20251026T013000",
        ["26 01:30:00+0200", "26 02:15:00+0200", "26 02:15:00+0100", "26 03:00:00+0100"],
    ),
    ("DAILY", "20250330T023000", ["30 03:30:00+0200", "31 02:30:00+0200"]),
    ("HOURLY", "20250330T023000", ["30 03:30:00+0200", "30 04:30:00+0200"]),
]


@pytest.mark.parametrize(("text", "start", "expected"), CHANGES)
def test_clock_changes(text: str, start: str, expected: list[str]) -> None:
    found = local(rule(f"DTSTART;TZID=Europe/Berlin:{start}\nRRULE:FREQ={text}"), len(expected))
    assert [moment[8:] for moment in found] == expected


def test_the_second_pass_of_a_fold_is_asked_about_exactly() -> None:
    hourly = rule("DTSTART;TZID=Europe/Berlin:20251026T000000\nRRULE:FREQ=HOURLY")
    assert hourly.next(utc("2025-10-26T00:59:59")) == utc("2025-10-26T01:00:00")
    assert hourly.previous(utc("2025-10-26T01:00:00")) == utc("2025-10-26T00:00:00")
    daily = rule("DTSTART;TZID=Europe/Berlin:20251001T023000\nRRULE:FREQ=DAILY")
    assert daily.next(utc("2025-10-26T00:30:00")) == utc("2025-10-27T01:30:00")


def test_a_day_that_a_zone_skipped_falls_on_the_next() -> None:
    daily = rule("DTSTART;TZID=Pacific/Apia:20111229T100000\nRRULE:FREQ=DAILY")
    assert walls(daily, 3) == ["2011-12-29 10:00", "2011-12-31 10:00", "2012-01-01 10:00"]
    hourly = rule("DTSTART;TZID=Pacific/Apia:20111229T230000\nRRULE:FREQ=HOURLY")
    assert walls(hourly, 2) == ["2011-12-29 23:00", "2011-12-31 00:00"]


UNTIL = [
    ("20250103T090000Z", 3),
    ("20250103T085959Z", 2),
    ("20250103T180000", 3),
    ("20250103T175959", 2),
    ("20250103", 3),
    ("20250102", 2),
]


@pytest.mark.parametrize(("until", "count"), UNTIL)
def test_until_is_inclusive_and_read_in_the_zone(until: str, count: int) -> None:
    text = f"DTSTART;TZID=Asia/Tokyo:20250101T180000\nRRULE:FREQ=DAILY;UNTIL={until}"
    assert len(list(rule(text).all())) == count


def test_count_counts_distinct_instants_before_exdate() -> None:
    text = "DTSTART;TZID=Europe/Berlin:20250330T000000\nRRULE:FREQ=DAILY;BYHOUR=2,3;COUNT=3"
    assert walls(rule(text), 9) == ["2025-03-30 03:00", "2025-03-31 02:00", "2025-03-31 03:00"]
    text += "\nEXDATE:20250331T020000"
    assert walls(rule(text), 9) == ["2025-03-30 03:00", "2025-03-31 03:00"]


def test_count_only_counts_what_matches() -> None:
    text = "DTSTART:20250101T090000Z\nRRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2"
    assert walls(rule(text), 9) == ["2025-01-03 09:00", "2025-01-10 09:00"]


def test_rdate_adds_and_exdate_takes_away() -> None:
    text = """DTSTART;TZID=Asia/Tokyo:20250101T090000
RRULE:FREQ=DAILY;COUNT=3
RDATE:20250102T120000,20250201T090000
RDATE;TZID=Europe/Berlin:20250301T010000
EXDATE:20250102T000000Z
EXDATE:20250103T090000"""
    assert walls(rule(text), 9) == [
        "2025-01-01 09:00",
        "2025-01-02 12:00",
        "2025-02-01 09:00",
        "2025-03-01 09:00",
    ]


def test_bounds_cut_a_rule_but_do_not_move_it() -> None:
    bounded = rule(
        "FREQ=DAILY;INTERVAL=3;UNTIL=20250110T090000Z", starts_at=START, ends_at="2025-01-07T09:00"
    )
    assert walls(bounded, 9) == ["2025-01-01 09:00", "2025-01-04 09:00", "2025-01-07 09:00"]
    assert bounded.next(utc("2000-01-01T00:00")) == utc(START)
    assert bounded.previous(utc("2030-01-01T00:00")) == utc("2025-01-07T09:00")
    assert bounded.previous(utc(START)) is None
