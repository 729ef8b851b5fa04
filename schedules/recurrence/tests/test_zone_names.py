"""Time zones by other names than IANA's, and what is said of those that are none."""

from itertools import chain

import pytest
from tzlocal.windows_tz import win_tz

from schedules.recurrence import RuleSpec, parse
from schedules.recurrence.zone_names import about_zone, iana_name, zone_names

from .reading import assert_refused, utc


def hint(name: str) -> str:
    detail = assert_refused(RuleSpec(cron="@daily", timezone=name), "timezone", "unknown_timezone")
    return detail.partition("; ")[2]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("w. europe standard time", "Europe/Berlin"),
        ("Eastern Standard Time", "America/New_York"),
        ("Tokyo Standard Time", "Asia/Tokyo"),
        ("UTC-08", "Etc/GMT+8"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("/mozilla.org/20050126_1/Europe/Berlin", "Europe/Berlin"),
        ("/citadel.org/20210210_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/Europe/Berlin", "Europe/Berlin"),
        ("/tzurl.org/UTC", "UTC"),
    ],
)
def test_what_stands_for_a_zone_is_taken_and_told(name: str, meant: str) -> None:
    rule = parse(RuleSpec(cron="0 9 * * *", timezone=name))
    assert rule.zone.key == meant
    assert rule.warnings[0].startswith(f"the time zone {name[:40]!r}".rstrip("'"))
    assert rule.warnings[0].endswith(f" is read as {meant}")
    assert rule.next(utc("2026-01-01")) == parse(RuleSpec(cron="0 9 * * *", timezone=meant)).next(
        utc("2026-01-01")
    )


def test_every_name_of_windows_stands_for_a_zone_that_there_is() -> None:
    assert len(win_tz) > 130
    assert {iana_name(name) for name in win_tz} <= zone_names()
    assert {name for name in zone_names() if iana_name(name) != name} == set()


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "UTC", "US/Pacific", "GMT", "EST5EDT", "Etc/GMT", "Etc/GMT+0"]
)
def test_of_a_plain_name_nothing_is_told(name: str) -> None:
    assert parse(RuleSpec(cron="@daily", timezone=name)).warnings == ()


def test_of_most_zones_nothing_is_told() -> None:
    odd = {name for name in zone_names() if list(about_zone(name))}
    assert odd == {
        "EST",
        "MST",
        *(name for name in zone_names() if name.startswith("Etc/GMT") and name[8:] > "0"),
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("EST", "5 hours behind UTC all year, without summer time; with it: America/New_York"),
        ("MST", "7 hours behind UTC all year, without summer time; with it: America/Denver"),
        ("Etc/GMT+5", "5 hours behind UTC"),
        ("Etc/GMT-1", "1 hour ahead of UTC"),
    ],
)
def test_a_zone_that_may_not_be_meant_is_told(name: str, words: str) -> None:
    rule = parse(RuleSpec(cron="@daily", timezone=name))
    assert words in "; ".join(rule.warnings)
    offset = utc("2026-07-01").astimezone(rule.zone).utcoffset()
    assert offset is not None
    assert abs(offset.total_seconds()) == 3_600 * int("".join(filter(str.isdigit, words[:2])))


MEANT = [
    ("Europe/Berln", "Europe/Berlin"),
    ("europe/berlin", "Europe/Berlin"),
    ("Europe/ Berlin", "Europe/Berlin"),
    ("Berlin", "Europe/Berlin"),
    ("US/Berlin", "Europe/Berlin"),
    ("Asia/Calcuta", "Asia/Calcutta"),
    ("Asia/Kolkatta", "Asia/Kolkata"),
    ("New York", "America/New_York"),
    ("new-york", "America/New_York"),
    ("NewYork", "America/New_York"),
    ("America/New York", "America/New_York"),
    ("Buenos Aires", "America/Buenos_Aires"),
    ("Sidney", "Australia/Sydney"),
    ("utc", "UTC"),
    ("Z", "UTC"),
    ("PST", "America/Los_Angeles"),
    ("pdt", "America/Los_Angeles"),
    ("EDT", "America/New_York"),
    ("CST", "America/Chicago or Asia/Shanghai"),
    ("CEST", "Europe/Berlin or Europe/Paris"),
    ("IST", "Asia/Kolkata, Europe/Dublin or Asia/Jerusalem"),
    ("Pacific Time", "America/Los_Angeles"),
    ("Eastern Daylight Time", "America/New_York"),
    ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
    ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome", "Europe/Amsterdam, Europe/Berlin or Europe/Rome"),
]


@pytest.mark.parametrize(("name", "meant"), MEANT)
def test_a_near_miss_is_refused_with_what_was_meant(name: str, meant: str) -> None:
    assert hint(name) == f"did you mean {meant}?"


def test_what_is_suggested_is_there() -> None:
    suggested = chain.from_iterable(meant.replace(" or ", ", ").split(", ") for _, meant in MEANT)
    assert set(suggested) <= zone_names()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("GMT+1", "or Etc/GMT-1, which is +1 all year"),
        ("UTC-03:00", "or Etc/GMT+3, which is -03 all year"),
        ("+02:00", "or Etc/GMT-2, which is +02 all year"),
        ("UTC+0", "or UTC, which is +0 all year"),
        ("+05:30", "name a place, such as Europe/Berlin"),
        ("UTC+99", "name a place, such as Europe/Berlin"),
    ],
)
def test_an_offset_is_no_zone(name: str, words: str) -> None:
    assert hint(name).endswith(words)


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "Europe/Atlantis", "Nowhere", "Local", "", " ", "/", "x" * 100]
)
def test_where_nothing_is_near_nothing_is_suggested(name: str) -> None:
    assert hint(name) == "expected one like Europe/Berlin or UTC"


@pytest.mark.parametrize(
    "name", ["Etc/GMT+", "Etc/GMT+x", "Etc/GMT+5\n", "..", "../Europe/Berlin", "posix/UTC", "Factory"]
)
def test_what_looks_like_a_zone_is_none(name: str) -> None:
    assert iana_name(name) is None
    hint(name)
