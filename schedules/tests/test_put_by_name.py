"""PUT /task-schedules/by-name/{name}/"""

import json
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction

from schedules.models import Occurrence, TaskSchedule
from schedules.tests.conftest import NewSchedule
from testing.api import Answer, Api
from testing.concurrency import apart, eventually, waiting_for_locks

BODY = {"operation": "4+7", "cron": "0 9 * * *", "timezone": "Europe/Berlin"}
HOURLY = {"operation": "4+7", "every_x_hours": 1}


def put(api: Api, body: Any = BODY, name: str = "report", query: str = "", **headers: str) -> Answer:
    path = f"/task-schedules/by-name/{quote(name, safe='')}/{query}"
    return api.send("PUT", path, json.dumps(body).encode(), **headers)


def read(api: Api, schedule_id: str) -> Any:
    return api.get(f"/task-schedules/{schedule_id}/").json


@pytest.mark.django_db
class TestPut:
    def test_it_works(self, api: Api) -> None:
        created = put(api)
        assert (created.status, created.headers["ETag"]) == (201, '"v1"')
        assert created.headers["Location"].endswith(f"/task-schedules/{created.json['id']}/")
        assert (created.json["name"], created.json["cron"]) == ("report", "0 9 * * *")
        replaced = put(api, {**BODY, "priority": 9})
        assert (replaced.status, replaced.headers["ETag"]) == (200, '"v2"')
        assert "Location" not in replaced.headers
        assert (replaced.json["id"], replaced.json["priority"]) == (created.json["id"], 9)
        assert replaced.json.pop("dropped_overrides") == []
        assert read(api, created.json["id"]) == replaced.json

    def test_what_is_not_named_takes_its_default(self, api: Api) -> None:
        whole = {
            **BODY,
            "priority": 9,
            "tags": ["a"],
            "misfire_policy": "skip",
            "overlap_policy": "skip",
            "jitter_seconds": 5,
            "schedule_x_times": 4,
            "ends_at": "2100-01-01T00:00:00Z",
            "pause_after_failures": 2,
        }
        put(api, whole)
        body = put(api).json
        assert (body["priority"], body["tags"], body["misfire_policy"]) == (5, [], "run_last")
        assert (body["overlap_policy"], body["jitter_seconds"], body["ends_at"]) == ("allow", 0, None)
        assert (body["schedule_x_times"], body["pause_after_failures"]) == (None, None)

    def test_an_omitted_start_is_kept(self, api: Api) -> None:
        first = put(api, HOURLY).json
        again = put(api, HOURLY).json
        assert again["starts_at"] == first["starts_at"]
        assert again["next_run_at"][13:] == first["next_run_at"][13:]  # an hour later, once the first has run
        moved = put(api, {**HOURLY, "starts_at": "2100-01-01T00:00:00Z"}).json
        assert put(api, HOURLY).json["starts_at"] == moved["starts_at"] == "2100-01-01T00:00:00Z"

    def test_a_rule_with_a_start_of_its_own(self, api: Api) -> None:
        put(api, HOURLY)
        rrule = "DTSTART:21000101T000000Z\nRRULE:FREQ=DAILY"
        answer = put(api, {"operation": "4+7", "rrule": rrule})
        assert (answer.status, answer.json["starts_at"]) == (200, None)
        assert put(api, {"operation": "4+7", "rrule": rrule}).status == 200

    def test_it_never_resumes(self, api: Api) -> None:
        path = f"/task-schedules/{put(api).json['id']}/pause/"
        api.post(path, {"reason": "later"})
        body = put(api, HOURLY).json
        assert (body["status"], body["paused_reason"], body["every_x_hours"]) == ("paused", "later", 1)

    @pytest.mark.parametrize(
        "rule",
        [
            {"cron": "* * * * *"},
            {"rrule": "DTSTART;TZID=Europe/Berlin:20200101T000000\nRRULE:FREQ=MINUTELY"},
            {"every_x_hours": 1},
        ],
    )
    def test_the_same_once_more_leaves_a_pause_as_it_was(self, api: Api, rule: dict[str, Any]) -> None:
        """What is not named is no other rule, so nothing of the pause is written down before it ends."""
        body = {"operation": "4+7", **rule}
        api.post(f"/task-schedules/{put(api, body).json['id']}/pause/", {})
        Occurrence.objects.all().delete()  # of a first instant that came just before the pause
        TaskSchedule.objects.update(next_run_at="2020-01-01T00:00:00Z")
        assert put(api, body).status == 200
        assert read(api, str(TaskSchedule.objects.get().id))["status"] == "paused"
        assert TaskSchedule.objects.filter(next_run_at__year=2020).exists()
        assert not Occurrence.objects.exists()

    def test_the_same_once_more_when_it_is_over(self, api: Api) -> None:
        once = {"operation": "4+7", "run_at": "2100-01-01T00:00:00Z"}
        put(api, once)
        TaskSchedule.objects.update(
            run_at="2020-01-01T00:00:00Z", status="completed", next_run_at=None, sweep_at=None, runs_created=1
        )
        answer = put(api, {**once, "run_at": "2020-01-01T00:00:00Z"})
        assert (answer.status, answer.json["status"]) == (200, "completed")

    def test_the_name_may_stand_in_the_body_too(self, api: Api) -> None:
        assert put(api, {**BODY, "name": "report"}).status == 201
        assert put(api, {**BODY, "name": None}).json["name"] == "report"

    @pytest.mark.parametrize(
        "name",
        [
            "a b",
            " ",
            "ä/ö",
            "/x",
            "a//b",
            "100%",
            "a%2Fb",
            "%FF",
            "?#&",
            "a+b",
            "by-name",
            ".",
            "..",
            "..a",
            "x" * 200,
            "🚀" * 200,
        ],
    )
    def test_any_name(self, api: Api, name: str) -> None:
        first, second = put(api, name=name), put(api, name=name)
        assert (first.status, first.json["name"], second.status) == (201, name, 200)
        assert TaskSchedule.objects.get().name == name

    def test_one_name_however_it_was_typed(self, api: Api) -> None:
        composed, decomposed = "caf\u00e9", "cafe\u0301"
        assert put(api, name=decomposed).json["name"] == composed
        assert put(api, {**BODY, "name": decomposed}, name=composed).status == 200
        assert put(api, {**BODY, "name": composed}, name=decomposed).status == 200
        assert put(api, name=composed, query="?dry_run=true").json["before"]
        api.post("/task-schedules/", {**BODY, "name": decomposed}).problem(409, "conflict")
        assert TaskSchedule.objects.get().name == composed

    def test_a_name_that_ends_in_a_slash_needs_the_other_slash_too(self, api: Api) -> None:
        assert put(api, name="a/").json["name"] == "a/"
        path = "/task-schedules/by-name/a%2F"
        assert api.send("PUT", path, json.dumps(BODY).encode()).json["name"] == "a"


@pytest.mark.django_db
class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "where", "code"),
        [
            ({**BODY, "name": "other"}, "#/name", "conflict"),
            ({**BODY, "name": 5}, "#/name", "conflict"),
            ({**BODY, "cron": "never"}, "#/cron", "invalid_cron"),
            ({**BODY, "id": "x"}, "#/id", "read_only"),
            ({"cron": "@daily"}, "#/operation", "required"),
            ({"operation": "4+7"}, "#", "required"),
            ([BODY], "#", "invalid_type"),
        ],
    )
    @pytest.mark.parametrize("is_new", [True, False])
    def test_bad_input_changes_nothing(
        self, api: Api, body: Any, where: str, code: str, *, is_new: bool
    ) -> None:
        before = None if is_new else put(api).json
        [(found, found_code, _)] = put(api, body).errors()
        assert (found, found_code) == (where, code)
        assert TaskSchedule.objects.count() == (0 if is_new else 1)
        if before:
            before.pop("dropped_overrides")
            assert read(api, before["id"]) == before

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("x" * 201, "max_length"),
            ("a\0b", "control_character"),
            ("a\x7fb", "control_character"),
            ("a\u2028b", "control_character"),
            ("\ufb2c" * 100, "max_length"),
        ],
    )
    def test_a_name_that_no_schedule_may_have(self, api: Api, name: str, code: str) -> None:
        for query in ("", "?dry_run=true"):
            assert [error[:2] for error in put(api, name=name, query=query).errors()] == [("#/name", code)]

    @pytest.mark.parametrize("name", ["a\nb", "\n", "a\r\nX-Y: z"])
    def test_a_name_of_several_lines_leads_nowhere(self, api: Api, name: str) -> None:
        put(api, name=name).problem(404, "not_found")

    def test_another_version(self, api: Api) -> None:
        put(api)
        for tags in ('"v2"', '"v2", "v3"', '"v2","other"', "v1", '"v1', ""):
            put(api, {**BODY, "priority": 1}, if_match=tags).problem(412, "precondition_failed")
        for version, tags in enumerate(('"v1"', '"v1", "v2"', 'W/"v3","v4"', '"other" , "v4"'), start=2):
            assert put(api, BODY, if_match=tags).headers["ETag"] == f'"v{version}"'

    @pytest.mark.parametrize("tag", ['"v1"', "*", "nonsense"])
    def test_a_version_of_nothing(self, api: Api, tag: str) -> None:
        put(api, if_match=tag).problem(412, "precondition_failed")
        assert not TaskSchedule.objects.exists()

    def test_only_a_new_one(self, api: Api) -> None:
        assert put(api, if_none_match="*").status == 201
        put(api, HOURLY, if_none_match="*").problem(412, "precondition_failed")
        assert TaskSchedule.objects.get().cron == "0 9 * * *"
        [(where, code, _)] = put(api, if_none_match='"v1"').errors()
        assert (where, code) == ("If-None-Match", "invalid_header")

    def test_no_other_method(self, api: Api) -> None:
        for method in ("POST", "PATCH", "DELETE"):
            api.send(method, "/task-schedules/by-name/x/", b"{}").problem(405, "method_not_allowed")
        api.send("PUT", "/task-schedules/by-name/", b"{}").problem(404, "not_found")


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_who_create_it(self, api: Api) -> None:
        results = [apart(partial(put, Api(), {**BODY, "priority": n})) for n in range(6)]
        answers = [future.result(30) for future in results]
        assert sorted(answer.status for answer in answers) == [200] * 5 + [201]
        schedule = TaskSchedule.objects.get()
        assert schedule.version == 6
        assert {answer.json["id"] for answer in answers} == {str(schedule.id)}

    def test_while_it_is_renamed(self, api: Api, new_schedule: NewSchedule) -> None:
        """It is the name that counts, not who had it."""
        schedule = new_schedule(name="report", cron="@hourly")
        with transaction.atomic():
            TaskSchedule.objects.filter(id=schedule.id).update(name="old report")
            later = apart(lambda: put(Api()))
            eventually(lambda: waiting_for_locks() == 1)
        answer = later.result(30)
        assert (answer.status, answer.json["cron"]) == (201, "0 9 * * *")
        assert TaskSchedule.objects.get(name="old report").cron == "@hourly"
