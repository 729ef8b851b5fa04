"""What holds for every kind of rule: the choice of kind, bounds, zones, the shortest interval."""

import pickle
import zoneinfo
from datetime import datetime, timedelta

import pytest

from schedules.recurrence import RecurrenceError, RuleSpec, parse

from .reading import utc

NOON = utc("2025-01-01T12:00")


def refusal(**fields: object) -> tuple[str, str]:
    minimum = fields.pop("min_interval_seconds", 1)
    with pytest.raises(RecurrenceError) as caught:
        parse(RuleSpec(**fields), min_interval_seconds=minimum)  # type: ignore[arg-type] # wrong on purpose
    assert caught.value.detail == str(caught.value)
    return caught.value.field, caught.value.code


def test_exactly_one_kind_is_needed() -> None:
    assert refusal() == ("rule", "required")
    assert refusal(cron="* * * * *", rrule="FREQ=DAILY") == ("rrule", "conflict")
    assert refusal(every_x_hours=1, run_at=NOON) == ("run_at", "conflict")
    assert refusal(every_x_days=1, every_x_hours=1, cron="@daily") == ("cron", "conflict")
    assert refusal(every_x_minutes=1, every_x_seconds=1, rrule="FREQ=DAILY") == ("rrule", "conflict")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "localtime",
        "Factory",
        "Europe/Atlantis",
        "europe/berlin",
        "../UTC",
        "/etc/passwd",
        "UTC\0",
        "CEST",
        "+02:00",
    ],
)
def test_only_iana_zones_are_known(name: str) -> None:
    assert refusal(cron="@daily", timezone=name) == ("timezone", "unknown_timezone")


def test_a_zone_in_the_wrong_case_is_hinted_at() -> None:
    with pytest.raises(RecurrenceError, match="did you mean Europe/Berlin"):
        parse(RuleSpec(cron="@daily", timezone="EUROPE/BERLIN"))


def test_every_zone_of_the_package_loads_and_is_named() -> None:
    for name in sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}):
        assert parse(RuleSpec(cron="@daily", timezone=name)).zone.key == name


def test_the_zone_is_utc_unless_named() -> None:
    assert parse(RuleSpec(cron="@daily")).zone.key == "UTC"
    berlin = parse(RuleSpec(rrule="DTSTART;TZID=Europe/Berlin:20250101T090000\nFREQ=DAILY"))
    assert berlin.zone.key == "Europe/Berlin"


@pytest.mark.parametrize("field", ["starts_at", "ends_at", "run_at"])
def test_moments_are_aware_datetimes(field: str) -> None:
    naive = datetime(2025, 1, 1)  # noqa: DTZ001 - what is refused
    fields = {field: naive} | ({} if field == "run_at" else {"cron": "@daily"})
    assert refusal(**fields) == (field, "invalid")
    assert refusal(**{**fields, field: "2025-01-01"}) == (field, "invalid")


@pytest.mark.parametrize("field", ["cron", "rrule"])
def test_texts_are_texts(field: str) -> None:
    assert refusal(**{field: ["FREQ=DAILY"]}) == (field, "invalid")


def test_bounds_are_inclusive() -> None:
    rule = parse(RuleSpec(cron="0 12 * * *", starts_at=NOON, ends_at=NOON + timedelta(days=2)))
    assert [moment.day for moment in rule.all()] == [1, 2, 3]


def test_bounds_must_leave_an_occurrence() -> None:
    assert refusal(cron="@daily", starts_at=NOON, ends_at=NOON - timedelta(seconds=1)) == (
        "ends_at",
        "conflict",
    )
    assert refusal(cron="@daily", starts_at=NOON, ends_at=NOON + timedelta(hours=1)) == (
        "ends_at",
        "never_matches",
    )
    assert refusal(cron="@daily", starts_at=utc("9999-12-31T00:00")) == ("starts_at", "out_of_range")
    assert refusal(cron="@daily", starts_at=utc("0001-01-01T00:00")) == ("starts_at", "out_of_range")


def test_run_at_happens_once() -> None:
    rule = parse(RuleSpec(run_at=utc("2025-01-01T13:00:00+01:00")))
    assert list(rule.all()) == [NOON]
    assert rule.next(NOON) is None
    assert rule.next(NOON, inclusive=True) == NOON
    assert rule.previous(NOON + timedelta(seconds=1)) == NOON


def test_run_at_is_never_early() -> None:
    assert parse(RuleSpec(run_at=NOON - timedelta(microseconds=1))).first == NOON


def test_run_at_must_lie_within_the_bounds() -> None:
    assert refusal(run_at=NOON, ends_at=NOON - timedelta(days=1)) == ("ends_at", "never_matches")
    assert refusal(run_at=NOON, starts_at=NOON + timedelta(days=1)) == ("run_at", "never_matches")
    assert refusal(run_at=utc("9999-12-31T23:59:59")) == ("run_at", "never_matches")


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"rrule": "FREQ=SECONDLY"}, True),
        ({"rrule": "FREQ=SECONDLY;INTERVAL=59"}, True),
        ({"rrule": "FREQ=SECONDLY;INTERVAL=60"}, False),
        ({"rrule": "FREQ=DAILY;BYSECOND=0,30"}, True),
        ({"rrule": "FREQ=SECONDLY;COUNT=1"}, False),
        ({"cron": "* * * * *"}, False),
    ],
)
def test_the_shortest_interval(fields: dict[str, str], refused: bool) -> None:
    spec = RuleSpec(**fields, starts_at=NOON)  # type: ignore[arg-type] # keys vary
    if refused:
        with pytest.raises(RecurrenceError, match="at least 60 seconds apart") as caught:
            parse(spec, min_interval_seconds=60)
        assert caught.value.code == "too_frequent"
    else:
        assert parse(spec, min_interval_seconds=60).first == NOON


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(RecurrenceError("cron", "invalid_cron", "minute: ...")))  # noqa: S301 - our own
    assert (error.field, error.code, error.detail) == ("cron", "invalid_cron", "minute: ...")


def test_the_same_spec_is_the_same_rule() -> None:
    assert parse(RuleSpec(cron="5 4 * * *")) is parse(RuleSpec(cron="5 4 * * *"))
