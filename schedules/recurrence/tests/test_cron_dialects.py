"""Cron as other programs and people write it: taken, or refused with how to say it here."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from schedules.recurrence import RuleSpec, parse

from .reading import assert_refused

START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
SAME = [
    ("0 9 * * SAT-SUN", "0 9 * * 0,6"),
    ("0 9 * * FRI-MON", "0 9 * * 0,1,5,6"),
    ("0 9 * * MON-SUN", "0 9 * * *"),
    ("0 9 * * sun-sat", "0 9 * * *"),
    ("0 9 * * 6-0", "0 9 * * 0,6"),
    ("0 9 * * 5-1/2", "0 9 * * 0,5"),
    ("0 9 * * MON-SUN/2", "0 9 * * 0,1,3,5"),
    ("0 9 * * WED,SAT-SUN", "0 9 * * 0,3,6"),
    ("0 9 * * MONDAY", "0 9 * * 1"),
    ("0 9 * * Monday-Friday", "0 9 * * 1-5"),
    ("0 9 * * tues,thurs", "0 9 * * 2,4"),
    ("0 9 * * friday#2", "0 9 * * 5#2"),
    ("0 9 * * FRIL", "0 9 * * 5L"),
    ("0 9 1 January-Sept *", "0 9 1 1-9 *"),
    ("0 9 ? * MON", "0 9 * * 1"),
    ("0 9 1 * ?", "0 9 1 * *"),
    ("0 9 ? * ?", "0 9 * * *"),
]


@pytest.mark.parametrize(("written", "plain"), SAME)
def test_what_people_write_is_taken(written: str, plain: str) -> None:
    one, other = (list(parse(RuleSpec(cron=text)).between(START, END)) for text in (written, plain))
    assert one == other
    assert one


REFUSED = [
    (
        "CRON_TZ=Europe/Berlin 0 9 * * *",
        "invalid_cron",
        "leave out 'CRON_TZ=Europe/Berlin' and name the zone in",
    ),
    ("TZ=UTC @daily", "invalid_cron", "timezone"),
    ("CRON_TZ=Asia/Tokyo\n0 9 * * *", "invalid_cron", "2 lines"),
    ("MAILTO=root 0 9 * * *", "invalid_cron", "leave out 'MAILTO=root'"),
    ("0 9 * * * /usr/bin/backup", "invalid_cron", "'/usr/bin/backup' comes after them: leave it out"),
    ("17 * * * * root cd / && make", "invalid_cron", "operation"),
    ("@daily /usr/bin/backup", "invalid_cron", "operation"),
    ("0 9 * * * ls", "invalid_cron", "'ls' comes after them"),
    ("0 9 * * * # at nine", "invalid_cron", "'# at nine' comes after them"),
    ("0 9 * * *\n0 17 * * *", "invalid_cron", "a schedule of each"),
    ("@every 5m", "unsupported", "every_x_minutes"),
    ("rate(5 minutes)", "unsupported", "every_x_minutes"),
    ("cron(0 9 * * ? *)", "invalid_cron", "leave out cron("),
    ("0 0 9 * * ?", "invalid_cron", "without the seconds: '0 9 * * ?'"),
    ("0 9 * * ? *", "invalid_cron", "without the year: '0 9 * * ?'"),
    ("* * * * * *", "invalid_cron", "FREQ=SECONDLY"),
    ("? 9 * * *", "invalid_cron", "minute: expected 0-59, got '?'"),
    ("H H * * *", "unsupported", "jitter_seconds"),
    ("H/15 * * * *", "unsupported", "such as */15,"),
    ("0~30 9 * * *", "unsupported", "jitter_seconds"),
    ("0 22-2 * * *", "invalid_cron", "write 22-23,0-2"),
    ("50-0 9 * * *", "invalid_cron", "write 50-59,0"),
    ("0 9 * NOV-FEB *", "invalid_cron", "write 11-12,1-2"),
    ("0 9 28-3 * *", "invalid_cron", "write 28-31,1-3"),
    ("0 9 * * MON-FOO", "invalid_cron", "got 'mon-foo'"),
    ("0 9 * * SAT-SUN/0", "invalid_cron", "got 'sat-sun/0'"),
    ("0 9 * * MO-FR", "invalid_cron", "got 'mo-fr'"),
    ("0 9 30W * *", "unsupported", "LW is the last weekday"),
    ("0 9 15W * MON", "unsupported", "rrule"),
    ("0 9 0W * *", "unsupported", "rrule"),
    ("0 9 L-31 * *", "unsupported", "rrule"),
    ("0 0 30 2 *", "never_matches", "'30' is in none of the months '2', so it would never run"),
    ("0 0 30 February ?", "never_matches", "never"),
]


@pytest.mark.parametrize(("text", "code", "words"), REFUSED)
def test_what_is_not_taken_is_refused_with_what_to_write(text: str, code: str, words: str) -> None:
    assert_refused(RuleSpec(cron=text), "cron", code, words)


def suggested(cron: str) -> str:
    """The rrule that a refusal tells to use instead."""
    detail = assert_refused(RuleSpec(cron=cron), "cron", "unsupported")
    return detail.partition("use rrule instead of cron: ")[2]


def days_of(rrule: str) -> list[datetime]:
    return list(parse(RuleSpec(rrule=rrule, starts_at=START)).between(START, END))


def months() -> list[tuple[date, date]]:
    """The first and the last day of each month."""
    firsts = [date(year, month, 1) for year in range(2025, 2037) for month in range(1, 13)] + [
        date(2037, 1, 1)
    ]
    return [(first, later - timedelta(days=1)) for first, later in pairwise(firsts)]


def at(day: date, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def nearest_weekday(day: date) -> date:
    by_distance = sorted(
        (day + timedelta(days=off) for off in range(-2, 3)), key=lambda other: abs(other - day)
    )
    return next(other for other in by_distance if other.month == day.month and other.weekday() < 5)


@pytest.mark.parametrize("number", range(1, 28))
def test_the_rrule_for_the_nearest_weekday_is_right(number: int) -> None:
    expected = [at(nearest_weekday(first.replace(day=number)), 9, 30) for first, _ in months()]
    assert days_of(suggested(f"30 9 {number}W * ?")) == expected


@pytest.mark.parametrize("number", range(31))
def test_the_rrule_for_days_before_the_last_is_right(number: int) -> None:
    found = [(first, last - timedelta(days=number)) for first, last in months()]
    expected = [at(day, hour, 0) for first, day in found if day >= first for hour in (9, 17)]
    assert days_of(suggested(f"0 9,17 L-{number} * *")) == expected


def test_the_rrule_for_several_days_is_right() -> None:
    found = days_of(suggested("0 9 1W,15,L 2,3 *"))
    assert [f"{day:%m-%d}" for day in found[:6]] == ["02-03", "02-15", "02-28", "03-03", "03-15", "03-31"]


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("0 9 ? * 2-6", True),
        ("0 9 ? * 1", True),
        ("0 9 ? * MON-FRI", False),
        ("0 9 ? * MON#2", False),
        ("0 9 1 * ?", False),
    ],
)
def test_numbers_of_weekdays_beside_a_question_mark_are_warned_of(text: str, is_told: bool) -> None:
    assert ("1 is Monday" in "; ".join(parse(RuleSpec(cron=text)).warnings)) is is_told
