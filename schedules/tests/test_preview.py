"""POST /task-schedules/preview/"""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.api.preview import occurrences, preview
from schedules.models import TaskSchedule
from schedules.recurrence import RuleSpec, parse
from testing.api import Answer, Api

pytestmark = pytest.mark.django_db

URL = "/task-schedules/preview/"
AFTER = "2026-03-27T12:00:00Z"


def shown(answer: Answer) -> list[str]:
    """The occurrences as the clock on the wall shows them."""
    assert answer.status == 200, answer.content
    return [each["local"] for each in answer.json["occurrences"]]


def test_it_works(api: Api) -> None:
    answer = api.post(URL, {"cron": "0 9 * * *", "timezone": "Europe/Berlin", "after": AFTER, "count": 2})
    assert answer.status == 200
    assert answer.json == {
        "occurrences": [
            {"at": "2026-03-28T08:00:00Z", "local": "2026-03-28T09:00:00+01:00", "note": None},
            {"at": "2026-03-29T07:00:00Z", "local": "2026-03-29T09:00:00+02:00", "note": None},
        ],
        "description": "Every day at 09:00 Europe/Berlin",
        "warnings": [],
    }


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ({"every_x_days": 2, "starts_at": "2026-03-27T09:00:00Z"}, "2026-03-29T09:00:00+00:00"),
        ({"every_x_hours": 5, "starts_at": "2026-03-27T09:00:00Z"}, "2026-03-27T14:00:00+00:00"),
        ({"every_x_minutes": 7, "starts_at": "2026-03-27T09:00:00Z"}, "2026-03-27T12:02:00+00:00"),
        ({"every_x_seconds": 7, "starts_at": "2026-03-27T09:00:00Z"}, "2026-03-27T12:00:01+00:00"),
        ({"rrule": "DTSTART:20200101T100000Z\nRRULE:FREQ=WEEKLY"}, "2026-04-01T10:00:00+00:00"),
        ({"rrule": "FREQ=MONTHLY;BYMONTHDAY=-1"}, "2026-03-31T12:00:00+00:00"),
        ({"run_at": "2026-04-01T10:00:00+05:00", "timezone": "Asia/Tokyo"}, "2026-04-01T14:00:00+09:00"),
        ({"cron": "@yearly"}, "2027-01-01T00:00:00+00:00"),
    ],
)
def test_each_kind_of_rule(api: Api, rule: dict[str, Any], first: str) -> None:
    answer = api.post(URL, {**rule, "after": AFTER, "count": 1})
    assert shown(answer) == [first]
    assert answer.json["description"]


def test_it_says_what_clock_changes_did(api: Api) -> None:
    body = {"rrule": "DTSTART;TZID=Europe/Berlin:20260327T023000\nRRULE:FREQ=DAILY", "count": 3}
    spring = api.post(URL, {**body, "after": "2026-03-27T12:00:00Z"}).json["occurrences"]
    assert [each["local"][11:] for each in spring] == ["02:30:00+01:00", "03:30:00+02:00", "02:30:00+02:00"]
    assert [each["note"] is None for each in spring] == [True, False, True]
    assert "02:30 does not exist on 2026-03-29" in spring[1]["note"]
    autumn = api.post(URL, {**body, "after": "2026-10-24T12:00:00Z"}).json["occurrences"]
    assert "the first of two 02:30" in autumn[0]["note"]
    assert autumn[1]["note"] is None


def test_what_was_chosen_for_clock_changes_shows(api: Api) -> None:
    body = {"cron": "30 2 * * *", "timezone": "Europe/Berlin", "after": "2026-03-28T12:00:00Z", "count": 1}
    assert shown(api.post(URL, body)) == ["2026-03-29T03:00:00+02:00"]
    shifted = api.post(URL, {**body, "dst_gap": "shift"})
    assert shown(shifted) == ["2026-03-29T03:30:00+02:00"]
    assert "clocks skip" in shifted.json["description"]
    assert shown(api.post(URL, {**body, "dst_gap": "skip"})) == ["2026-03-30T02:30:00+02:00"]


def test_it_warns_of_what_may_not_be_meant(api: Api) -> None:
    rrule = "DTSTART:20260327T090000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO"
    answer = api.post(URL, {"rrule": rrule, "after": AFTER, "count": 1})
    (warning,) = answer.json["warnings"]
    assert "DTSTART" in warning


def test_after_is_exclusive(api: Api) -> None:
    body = {"cron": "0 * * * *", "count": 1}
    assert shown(api.post(URL, {**body, "after": AFTER})) == ["2026-03-27T13:00:00+00:00"]
    just_before = "2026-03-27T11:59:59.999999Z"
    assert shown(api.post(URL, {**body, "after": just_before})) == ["2026-03-27T12:00:00+00:00"]


def test_now_is_the_default_and_ten_are_told(api: Api) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    answer = api.post(URL, {"every_x_hours": 1})
    found = [datetime.fromisoformat(each) for each in shown(answer)]
    assert len(found) == 10
    assert before <= found[0]
    assert (found[0] - before).total_seconds() < 60


def test_null_is_the_default(api: Api) -> None:
    answer = api.post(URL, {"cron": "@daily", "after": None, "count": None, "rrule": None, "timezone": None})
    assert len(shown(answer)) == 10


def test_pages_follow_one_another(api: Api) -> None:
    body = {"every_x_days": 3, "every_x_hours": 1, "count": 4}
    first = api.post(URL, {**body, "after": AFTER}).json["occurrences"]
    second = api.post(URL, {**body, "after": first[1]["at"]}).json["occurrences"]
    assert second[:2] == first[2:]


def test_a_thousand(api: Api) -> None:
    answer = api.post(URL, {"rrule": "FREQ=SECONDLY", "after": AFTER, "count": 1_000})
    assert len(shown(answer)) == 1_000
    assert answer.json["warnings"] == []


def test_a_rule_that_ends(api: Api) -> None:
    answer = api.post(URL, {"cron": "0 0 * * *", "ends_at": "2026-03-29T00:00:00Z", "after": AFTER})
    assert shown(answer) == ["2026-03-28T00:00:00+00:00", "2026-03-29T00:00:00+00:00"]
    past = api.post(URL, {"run_at": "2020-01-01T00:00:00Z", "after": AFTER})
    assert shown(past) == []


def test_a_sparse_rule_ends_with_the_budget(api: Api) -> None:
    rule = parse(RuleSpec(cron="0 0 29 2 *"))
    after = datetime(2026, 1, 1, tzinfo=UTC)
    spent = iter([False, False, True])
    found, (warning,) = occurrences(rule, after, 50, lambda: next(spent))
    assert [each.year for each in found] == [2028, 2032, 2036]
    assert warning.startswith("only 3 of 50 occurrences are told")
    assert warning.endswith("2036-02-29T00:00:00Z")


def test_one_is_told_however_long_it_took() -> None:
    rule = parse(RuleSpec(cron="0 0 29 2 *"))
    found, warnings = occurrences(rule, datetime(2026, 1, 1, tzinfo=UTC), 2, lambda: True)
    assert (len(found), len(warnings)) == (1, 1)


def test_nothing_is_saved_and_only_the_clock_is_asked(api: Api) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert api.post(URL, {"cron": "@daily"}).status == 200
    assert [query["sql"] for query in queries] == ["SELECT clock_timestamp()"]
    with CaptureQueriesContext(connection) as queries:
        assert api.post(URL, {"cron": "@daily", "after": AFTER}).status == 200
    assert len(queries) == 0
    assert not TaskSchedule.objects.exists()


def test_it_shows_what_a_schedule_then_does(api: Api) -> None:
    rule = {"cron": "30 2 * * 1", "timezone": "America/Sao_Paulo"}
    previewed = api.post(URL, {**rule, "count": 5}).json
    created = api.post("/task-schedules/", {"operation": "1+1", **rule}).json
    assert [{name: each[name] for name in ("at", "local")} for each in previewed["occurrences"]] == created[
        "upcoming"
    ]
    assert previewed["description"] == created["description"] == "Every Monday at 02:30 America/Sao_Paulo"


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "#", "required"),
        ({"cron": "* * * * *", "every_x_days": 1}, "#/cron", "conflict"),
        ({"cron": "0 0 30 2 *"}, "#/cron", "never_matches"),
        ({"cron": "0 25 * * *"}, "#/cron", "invalid_cron"),
        ({"rrule": "FREQ=SOMETIMES"}, "#/rrule", "invalid_rrule"),
        ({"rrule": "FREQ=DAILY;COUNT=2;UNTIL=20300101"}, "#/rrule", "conflict"),
        ({"every_x_hours": 0}, "#/every_x_hours", "min_value"),
        ({"run_at": "2020-01-01T00:00:00Z"}, "#/run_at", "no_future_instant"),
        ({"cron": "@daily", "ends_at": "2020-01-01T00:00:00Z"}, "#/ends_at", "no_future_instant"),
        ({"cron": "@daily", "timezone": "Mars/Olympus"}, "#/timezone", "unknown_timezone"),
        ({"cron": "@daily", "after": "2026-03-27T12:00:00"}, "#/after", "invalid_datetime"),
        ({"cron": "@daily", "dst_gap": "sometimes"}, "#/dst_gap", "invalid_choice"),
        ({"cron": "@daily", "count": 0}, "#/count", "min_value"),
        ({"cron": "@daily", "count": 1_001}, "#/count", "max_value"),
        ({"cron": "@daily", "count": "5"}, "#/count", "invalid_type"),
        ({"cron": "@daily", "schedule_x_times": 3}, "#/schedule_x_times", "unknown_field"),
        ({"cron": "@daily", "operation": "1+1"}, "#/operation", "unknown_field"),
        ({"cron": "@daily", "overlap_policy": "allow"}, "#/overlap_policy", "unknown_field"),
        ([], "#", "invalid_type"),
    ],
)
def test_it_refuses(api: Api, body: Any, pointer: str, code: str) -> None:
    ((where, what, detail),) = api.post(URL, body).errors()
    assert (where, what) == (pointer, code)
    assert len(detail) > 10


def test_it_takes_no_parameter(api: Api) -> None:
    assert api.post(f"{URL}?count=5", {"cron": "@daily"}).errors()[0][:2] == ("count", "unknown_field")


def test_only_post(api: Api) -> None:
    api.get(URL).problem(405, "method_not_allowed")


@settings(max_examples=200, deadline=None)
@given(
    rule=st.sampled_from(
        [{"every_x_hours": 7}, {"rrule": "FREQ=DAILY"}, {"cron": "@monthly"}, {"cron": "x"}]
    ),
    after=st.datetimes(timezones=st.just(UTC)),
    count=st.integers(-1, 30),
    zone=st.sampled_from([None, "Asia/Tokyo", "America/Havana", "Nowhere"]),
)
def test_any_body_is_answered(rule: dict[str, Any], after: datetime, count: int, zone: str | None) -> None:
    body = {**rule, "after": after.isoformat(), "count": count, "timezone": zone}
    answer = Api().post(URL, body)
    assert answer.status in (200, 400), answer.content
    if answer.status == 200:
        instants = [datetime.fromisoformat(each["at"]) for each in answer.json["occurrences"]]
        assert all(after < each for each in instants)
        assert instants == sorted(set(instants))
        assert len(instants) <= count
        assert answer.json == preview(body, lambda: pytest.fail("the clock is not asked"))
