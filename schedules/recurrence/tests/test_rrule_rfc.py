"""All examples of RFC 5545 3.8.5.3, with the RFC's own answers."""

import pytest

from .reading import rule, walls

DTSTART = "DTSTART;TZID=America/New_York:"
NINE = DTSTART + "19970902T090000\nRRULE:"


def days(text: str) -> list[str]:
    """``1997 9:2-4,9 10:1`` as dates."""
    year, *months = text.split()
    found = []
    for month in months:
        if ":" not in month:
            year = month
            continue
        number, listed = month.split(":")
        for part in listed.split(","):
            first, _, last = part.partition("-")
            found += [
                f"{year}-{int(number):02}-{day:02}" for day in range(int(first), int(last or first) + 1)
            ]
    return found


EXAMPLES = [
    (NINE + "FREQ=DAILY;COUNT=10", "1997 9:2-11"),
    (NINE + "FREQ=DAILY;UNTIL=19971224T000000Z", "1997 9:2-30 10:1-31 11:1-30 12:1-23"),
    (
        DTSTART + "19970512T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "1997 5:12 1998 5:11 1999 5:17",
    ),
    (
        DTSTART
        + "19970902T090000\nEXDATE;TZID=America/New_York:19970902T090000\n"
        + "RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "1998 2:13 3:13 11:13 1999 8:13 2000 10:13",
    ),
    (NINE + "FREQ=DAILY;INTERVAL=2", "1997 9:2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 10:2"),
    (NINE + "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997 9:2,12,22 10:2,12"),
    (
        DTSTART
        + "19980101T090000\nRRULE:FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        "1998 1:1-31 1999 1:1-31 2000 1:1-31",
    ),
    (
        DTSTART + "19980101T090000\nRRULE:FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
        "1998 1:1-31 1999 1:1-31 2000 1:1-31",
    ),
    (NINE + "FREQ=WEEKLY;COUNT=10", "1997 9:2,9,16,23,30 10:7,14,21,28 11:4"),
    (
        NINE + "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "1997 9:2,9,16,23,30 10:7,14,21,28 11:4,11,18,25 12:2,9,16,23",
    ),
    (NINE + "FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997 9:2,16,30 10:14,28 11:11,25 12:9,23 1998 1:6,20 2:3,17"),
    (NINE + "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "1997 9:2,4,9,11,16,18,23,25,30 10:2"),
    (NINE + "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997 9:2,4,9,11,16,18,23,25,30 10:2"),
    (
        DTSTART
        + "19970901T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "1997 9:1,3,5,15,17,19,29 10:1,3,13,15,17,27,29,31 11:10,12,14,24,26,28 12:8,10,12,22",
    ),
    (NINE + "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997 9:2,4,16,18,30 10:2,14,16"),
    (
        DTSTART + "19970905T090000\nRRULE:FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "1997 9:5 10:3 11:7 12:5 1998 1:2 2:6 3:6 4:3 5:1 6:5",
    ),
    (
        DTSTART + "19970905T090000\nRRULE:FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        "1997 9:5 10:3 11:7 12:5",
    ),
    (
        DTSTART + "19970907T090000\nRRULE:FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997 9:7,28 11:2,30 1998 1:4,25 3:1,29 5:3,31",
    ),
    (
        DTSTART + "19970922T090000\nRRULE:FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        "1997 9:22 10:20 11:17 12:22 1998 1:19 2:16",
    ),
    (
        DTSTART + "19970928T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-3",
        "1997 9:28 10:29 11:28 12:29 1998 1:29 2:26",
    ),
    (
        NINE + "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "1997 9:2,15 10:2,15 11:2,15 12:2,15 1998 1:2,15",
    ),
    (
        DTSTART + "19970930T090000\nRRULE:FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "1997 9:30 10:1,31 11:1,30 12:1,31 1998 1:1,31 2:1",
    ),
    (
        DTSTART + "19970910T090000\nRRULE:FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "1997 9:10-15 1999 3:10-13",
    ),
    (
        NINE + "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "1997 9:2,9,16,23,30 11:4,11,18,25 1998 1:6,13,20,27 3:3,10,17,24,31",
    ),
    (
        DTSTART + "19970610T090000\nRRULE:FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "1997 6:10 7:10 1998 6:10 7:10 1999 6:10 7:10 2000 6:10 7:10 2001 6:10 7:10",
    ),
    (
        DTSTART + "19970310T090000\nRRULE:FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997 3:10 1999 1:10 2:10 3:10 2001 1:10 2:10 3:10 2003 1:10 2:10 3:10",
    ),
    (
        DTSTART + "19970101T090000\nRRULE:FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "1997 1:1 4:10 7:19 2000 1:1 4:9 7:18 2003 1:1 4:10 7:19 2006 1:1",
    ),
    (DTSTART + "19970519T090000\nRRULE:FREQ=YEARLY;BYDAY=20MO", "1997 5:19 1998 5:18 1999 5:17"),
    (
        DTSTART + "19970313T090000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "1997 3:13,20,27 1998 3:5,12,19,26 1999 3:4,11,18,25",
    ),
    (
        DTSTART + "19970605T090000\nRRULE:FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "1997 6:5,12,19,26 7:3,10,17,24,31 8:7,14,21,28 1998 6:4",
    ),
    (
        NINE + "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "1998 2:13 3:13 11:13 1999 8:13 2000 10:13",
    ),
    (
        DTSTART + "19970913T090000\nRRULE:FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1997 9:13 10:11 11:8 12:13 1998 1:10 2:7 3:7 4:11 5:9 6:13",
    ),
    (
        DTSTART
        + "19961105T090000\nRRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "1996 11:5 2000 11:7 2004 11:2",
    ),
    (DTSTART + "19970904T090000\nRRULE:FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997 9:4 10:7 11:6"),
    (
        DTSTART + "19970929T090000\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1997 9:29 10:30 11:27 12:30 1998 1:29 2:26 3:30",
    ),
    (
        DTSTART + "19970805T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "1997 8:5,10,19,24",
    ),
    (
        DTSTART + "19970805T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "1997 8:5,17,19,31",
    ),
    (
        DTSTART + "20070115T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        "2007 1:15,30 2:15 3:15,30",
    ),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_days_of_the_rfc(text: str, expected: str) -> None:
    wanted = [f"{day} 09:00" for day in days(expected)]
    ends = "COUNT" in text or "UNTIL" in text
    assert walls(rule(text), len(wanted) + ends) == wanted


TIMES = [
    (
        "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z",
        ["02 09:00", "02 12:00", "02 15:00"],
    ),  # RFC erratum 3883
    (
        "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        ["02 09:00", "02 09:15", "02 09:30", "02 09:45", "02 10:00", "02 10:15"],
    ),
    ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", ["02 09:00", "02 10:30", "02 12:00", "02 13:30"]),
    (
        "FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,40;COUNT=5",
        ["02 09:00", "02 09:40", "02 10:00", "02 10:40", "03 09:00"],
    ),
    ("FREQ=MINUTELY;INTERVAL=40;BYHOUR=9,10;COUNT=4", ["02 09:00", "02 09:40", "02 10:20", "03 09:00"]),
]


@pytest.mark.parametrize(("text", "expected"), TIMES)
def test_times_of_the_rfc(text: str, expected: list[str]) -> None:
    found = [moment.removeprefix("1997-09-") for moment in walls(rule(NINE + text), len(expected) + 1)]
    assert found == expected


EVERY_TWENTY_MINUTES = [
    "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
    "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
]


@pytest.mark.parametrize("text", EVERY_TWENTY_MINUTES)
def test_every_twenty_minutes_of_the_rfc(text: str) -> None:
    day = [f"{hour:02}:{minute:02}" for hour in range(9, 17) for minute in (0, 20, 40)]
    expected = [f"1997-09-{number:02} {time}" for number in (2, 3) for time in day]
    assert walls(rule(NINE + text), len(expected)) == expected
