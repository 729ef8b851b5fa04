"""`/ui/schedules/`: what the pages show, to whom, and what their forms do."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.actor import NOBODY
from access.models import AuditEvent
from rest.json import instant_text
from schedules.actions import editing, pausing
from schedules.api import forms
from schedules.models import Occurrence, TaskSchedule
from tasks_api.database import database_now
from tasks_api.models import Task
from testing.access import Browser, logged_in, make_person
from testing.factories import make_task

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
LIST = "/ui/schedules/"
NASTY = "<script>alert(1)</script>\u202eabc"
RULE = {"kind": "cron", "cron": "0 3 * * *", "timezone": "Europe/Berlin"}


@pytest.fixture
def browser() -> Browser:
    """Somebody in open mode."""
    return Browser()


def new(**body: Any) -> TaskSchedule:
    rule = {} if {"cron", "rrule", "run_at", "every_x_hours"} & body.keys() else {"every_x_days": 1}
    return editing.create(forms.definition({"operation": "1+1", **rule, **body}, NOBODY), NOBODY)


def of(schedule: TaskSchedule, path: str = "") -> str:
    return f"{LIST}{schedule.id}/{path}"


def text(answer: Any, status: int = 200) -> str:
    page = answer.content.decode()
    assert answer.status_code == status, page
    return str(page)


def somebody(role: str = "viewer", **more: Any) -> Browser:
    make_person(name=role, role=role, **more)
    return logged_in(role)


def fields_of(page: str) -> dict[str, str]:
    """What the form of the editor holds."""
    found = {
        name: unescape(value) for name, value in re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', page)
    }
    found |= {
        name: unescape(value)
        for name, value in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)<', page)
    }
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
        found[name] = (chosen[1] if chosen[1] is not None else chosen[2]) if chosen else ""
    kind = re.search(r'name="kind" value="(\w+)" checked', page)
    found.pop("zone", None)
    found.pop("next", None)
    return {**found, "kind": kind[1] if kind else ""}


def send(browser: Browser, path: str, fields: Mapping[str, str], page: str | None = None) -> Any:
    return browser.send(path, fields, page=page)


class TestList:
    def test_what_it_tells(self, browser: Browser) -> None:
        new(name="nightly report", cron="0 3 * * *", timezone="Europe/Berlin", tags=["reports"])
        page = text(browser.get(LIST))
        assert "nightly report" in page
        assert "03:00 +0" in page
        assert "curl" in page

    def test_nothing_yet(self, browser: Browser) -> None:
        assert "No schedules yet" in text(browser.get(LIST))
        assert "No schedule fits" in text(browser.get(f"{LIST}?name=nothing"))

    def test_filters(self, browser: Browser) -> None:
        new(name="first one", tags=["blue"])
        paused = new(name="second one")
        pausing.pause(paused.id, NOBODY, reason="no power")
        for query in ("state=paused", "name=SECOND", "state=paused&operation=calculate&name="):
            page = text(browser.get(f"{LIST}?{query}"))
            assert ("first one" in page, "second one" in page) == (False, True)
        assert "no power" in page
        assert "first one" in text(browser.get(f"{LIST}?tag=blue"))

    @pytest.mark.parametrize("query", ["state=x", "operation=nothing", "before=x", "limit=1", "name=a%00b"])
    def test_what_the_address_may_not_say(self, query: str, browser: Browser) -> None:
        new(name="one")
        assert 'role="alert"' in text(browser.get(f"{LIST}?{query}"), 400)

    def test_pages(self, browser: Browser) -> None:
        for number in range(30):
            new(name=f"number {number}")
        page = text(browser.get(LIST))
        older = unescape(re.findall(r'href="([^"]*)" rel="next"', page)[0])
        page = text(browser.get(LIST + older))
        assert "number 0<" in page
        newer = unescape(re.findall(r'href="([^"]*)" rel="prev"', page)[0])
        assert "number 29<" in text(browser.get(LIST + newer))


class TestBudget:
    """Each page in so many queries, however much there is."""

    @pytest.fixture(autouse=True)
    def much(self) -> None:
        for number in range(25):
            schedule = new(name=f"number {number}", every_x_hours=1, schedule_x_times=1_000)
            for each in range(5):
                task = make_task(schedule_id=schedule.id)
                at = database_now() - timedelta(hours=each + 1)
                Occurrence.objects.create(
                    schedule=schedule,
                    scheduled_for=at,
                    last_scheduled_for=at,
                    outcome="created",
                    task_id=task.id,
                )

    @pytest.mark.parametrize(
        "path",
        ["", "?state=failing", "?state=late", "?name=number", "new/", "{id}/", "{id}/edit/", "{id}/pause/",
         "{id}/backfill/", "{id}/delete/"],
    )  # fmt: skip
    def test_so_many(self, path: str) -> None:
        browser = somebody("admin")
        path = LIST + path.replace("{id}", str(TaskSchedule.objects.latest("id").id))
        text(browser.get(path))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = text(browser.get(path))
        sent = [query["sql"] for query in captured.captured_queries]
        assert len(sent) <= MOST_QUERIES, f"{len(sent)}: " + " | ".join(each.strip()[:90] for each in sent)
        assert len(page.encode()) < 60_000


class TestSchedule:
    def test_past_and_future(self, browser: Browser) -> None:
        schedule = new(name="each hour", every_x_hours=1)
        at = database_now() - timedelta(hours=3)
        Occurrence.objects.create(
            schedule=schedule,
            scheduled_for=at,
            last_scheduled_for=at,
            outcome="missed",
            reason="nobody swept",
        )
        page = text(browser.get(of(schedule)))
        assert "upcoming" in page
        assert "nobody swept" in page
        assert page.index("upcoming") < page.index("nobody swept")

    def test_earlier_and_later(self, browser: Browser) -> None:
        schedule = new(every_x_hours=1)
        page = text(browser.get(of(schedule)))
        later = unescape(re.findall(r'href="(\?from=[^"#]*)', page)[0])
        other = text(browser.get(of(schedule) + later))
        assert "Earlier" in other
        earlier = unescape(re.findall(r'href="(\?until=[^"#]*)', other)[0])
        assert text(browser.get(of(schedule) + earlier))

    def test_none_of_this_id(self, browser: Browser) -> None:
        text(browser.get(f"{LIST}01990000-0000-7000-8000-000000000000/"), 404)

    def test_hostile_texts(self, browser: Browser) -> None:
        schedule = new(name=NASTY, tags=[NASTY], arguments={"expression": "1"}, operation="calculate")
        pausing.pause(schedule.id, NOBODY, reason=NASTY + "\x1b[31m")
        for path in (
            LIST,
            of(schedule),
            of(schedule, "edit/"),
            of(schedule, "pause/"),
            of(schedule, "delete/"),
        ):
            page = text(browser.get(path))
            assert "<script>alert" not in page
            shown = re.sub(r"<(input|textarea)[^>]*>[^<]*", "", page)
            assert "\u202e" not in shown, path
            assert "\x1b" not in shown, path

    def test_payloads_are_hidden(self) -> None:
        schedule = new(name="secret", operation="calculate", arguments={"expression": "40+4321"})
        for role in ("viewer", "operator"):
            assert "4321" not in text(somebody(role).get(of(schedule)))
        assert "4321" in text(somebody("developer").get(of(schedule)))


class TestDeeds:
    def test_pause_resume_trigger_delete(self, browser: Browser) -> None:
        schedule = new(name="one", starts_at="2100-01-01T00:00:00Z")
        answer = send(
            browser, of(schedule, "pause/"), {"reason": "the disk is full", "until": "2126-01-01T03:00"}
        )
        assert (answer.status_code, answer["Location"]) == (303, of(schedule))
        schedule.refresh_from_db()
        assert (schedule.status, schedule.paused_reason) == ("paused", "the disk is full")
        assert schedule.paused_until == datetime.fromisoformat("2126-01-01T03:00Z")
        assert "the disk is full" in text(browser.get(of(schedule)))
        assert "2126-01-01T03:00:00" in text(browser.get(of(schedule, "pause/")))
        assert send(browser, of(schedule, "resume/"), {"catch_up": "none"}).status_code == 303
        schedule.refresh_from_db()
        assert schedule.status == "active"
        assert send(browser, of(schedule, "trigger/"), {}).status_code == 303
        assert Task.objects.filter(schedule_id=schedule.id).count() == 1
        assert send(browser, of(schedule, "delete/"), {"cancel_waiting": "true"})["Location"].startswith(LIST)
        assert not TaskSchedule.objects.exists()
        assert Task.objects.get().status == "REVOKED"

    def test_what_is_wrong_stands_at_its_field(self, browser: Browser) -> None:
        schedule = new()
        page = text(send(browser, of(schedule, "pause/"), {"until": "2001-01-01T00:00", "reason": "x"}), 422)
        assert "must be in the future, got 2001-01-01T00:00:00Z" in page
        assert 'value="2001-01-01T00:00"' in page
        page = text(send(browser, of(schedule, "pause/"), {"until": "soon"}), 422)
        assert "must be a time such as" in page

    def test_wrong_state(self, browser: Browser) -> None:
        schedule = new()
        TaskSchedule.objects.update(status="error", sweep_at=None, error="boom")
        assert "set aside with an error" in unescape(text(send(browser, of(schedule, "pause/"), {}), 422))

    def test_as_the_same_actor(self) -> None:
        browser, schedule = somebody("operator"), new(name="one")
        assert send(browser, of(schedule, "pause/"), {"reason": "by hand"}).status_code == 303
        event = AuditEvent.objects.filter(action="schedule.pause").latest("id")
        assert "operator" in str(vars(event))

    def test_many(self, browser: Browser) -> None:
        some = [new(name=f"number {number}") for number in range(3)]
        query = "&".join(f"id={each.id}" for each in some)
        page = text(browser.get(f"{LIST}bulk/pause/?{query}"))
        assert "3 schedules" in page
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        sent = {"id": [str(each.id) for each in some], "reason": "all", "csrfmiddlewaretoken": token[1]}
        answer = browser.client.post(f"{LIST}bulk/pause/", sent)
        assert answer.status_code == 303
        assert set(TaskSchedule.objects.values_list("status", flat=True)) == {"paused"}
        text(browser.get(f"{LIST}bulk/pause/?id=x"), 404)

    def test_some_of_many_are_refused(self, browser: Browser) -> None:
        good, bad = new(name="good"), new(name="bad")
        TaskSchedule.objects.filter(id=bad.id).update(status="completed", sweep_at=None, next_run_at=None)
        page = text(browser.get(f"{LIST}bulk/pause/?id={good.id}&id={bad.id}"))
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        sent = {"id": [str(good.id), str(bad.id)], "csrfmiddlewaretoken": token[1]}
        page = text(browser.client.post(f"{LIST}bulk/pause/", sent), 422)
        assert "1 done, 1 refused" in page
        assert "only one that is active can be paused" in page


class TestBackfill:
    def test_first_what_it_would_do(self, browser: Browser) -> None:
        schedule = new(every_x_hours=1, starts_at="2026-01-01T00:00:00Z")
        fields = {"from": "2026-01-01T00:00", "to": "2026-01-01T05:00", "pace_seconds": "1"}
        page = text(send(browser, of(schedule, "backfill/"), {**fields, "do": "try"}))
        assert "5 tasks" in page
        assert not Task.objects.exists()
        answer = send(browser, of(schedule, "backfill/"), {**fields, "do": "backfill"})
        assert answer.status_code == 303
        assert Task.objects.count() == 5

    def test_bad_input(self, browser: Browser) -> None:
        schedule = new()
        page = text(
            send(browser, of(schedule, "backfill/"), {"from": "2026-01-01T00:00", "to": "2126-01-01T05:00"}),
            422,
        )
        assert "must not be in the future" in page
        text(send(browser, of(schedule, "backfill/"), {}), 422)


class TestOverrides:
    @pytest.fixture
    def schedule(self) -> TaskSchedule:
        start = "2125-12-31T00:00:00Z"  # nothing becomes due meanwhile
        return new(every_x_hours=1, starts_at=start, operation="calculate", arguments={"expression": "1"})

    @pytest.fixture
    def path(self, schedule: TaskSchedule) -> str:
        assert schedule.next_run_at
        at = schedule.next_run_at + timedelta(hours=2)
        return of(schedule, f"occurrences/{instant_text(at)}/")

    def row(self) -> tuple[str, Any, Any]:
        row = Occurrence.objects.get()
        return row.outcome, row.due_at and instant_text(row.due_at), row.changes

    def test_skip_move_change_restore(self, path: str, browser: Browser) -> None:
        assert send(browser, path, {"how": "skip", "reason": "holiday"}).status_code == 303
        assert self.row() == ("overridden", None, None)
        assert "holiday" in text(browser.get(path))
        assert send(browser, path, {"how": "move", "run_at": "2126-01-01T00:00"}).status_code == 303
        assert self.row() == ("moved", "2126-01-01T00:00:00Z", None)
        changed = {"how": "change", "arguments": '{"expression": "2"}', "priority": "9"}
        assert send(browser, path, changed).status_code == 303
        assert self.row() == ("changed", None, {"arguments": {"expression": "2"}, "priority": 9})
        assert send(browser, path, {"how": "restore"}).status_code == 303
        assert not Occurrence.objects.exists()

    def test_bad_input(self, path: str, browser: Browser) -> None:
        for fields in ({"how": "move"}, {"how": "change", "arguments": "{"}, {"how": "change", "priority": "99"},
                       {"how": "move", "run_at": "2001-01-01T00:00"}):  # fmt: skip
            text(send(browser, path, fields), 422)
        assert not Occurrence.objects.exists()

    def test_no_instant_of_the_rule(self, schedule: TaskSchedule, browser: Browser) -> None:
        path = of(schedule, "occurrences/2126-01-01T00:00:01.5Z/")
        assert "names no such instant" in text(send(browser, path, {"how": "skip"}), 422)
        text(browser.get(of(schedule, "occurrences/nonsense/")), 404)


class TestEditor:
    def test_create(self, browser: Browser) -> None:
        fields = {**RULE, "name": "new one", "operation": "calculate", "arguments": '{"expression": "1+1"}',
                  "tags": "a, b", "priority": "7"}  # fmt: skip
        answer = send(browser, f"{LIST}new/", {**fields, "do": "save"})
        schedule = TaskSchedule.objects.get()
        assert answer["Location"] == of(schedule)
        assert (schedule.cron, schedule.timezone, schedule.tags, schedule.priority) == (
            "0 3 * * *", "Europe/Berlin", ["a", "b"], 7)  # fmt: skip

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"cron": "61 * * * *"}, "61"),
            ({"arguments": "{"}, "is not JSON"),
            ({"arguments": '{"expression": 1}'}, "expression"),
            ({"timezone": "Mars"}, "Mars"),
            ({"operation": "nothing"}, "nothing"),
            ({"max_attempts": "many"}, "many"),
            ({"starts_at": "2026-03-29T02:30"}, "does not exist in Europe/Berlin"),
            ({"kind": "every", "every_x_days": "-1"}, "-1"),
            ({"kind": "once", "run_at": "2001-01-01T00:00"}, "must be in the future"),
            ({"name": "a\x07b"}, "control characters"),
            ({"kind": ""}, ""),
        ],
    )
    def test_what_is_wrong_is_told(self, fields: dict[str, str], said: str, browser: Browser) -> None:
        base = {**RULE, "operation": "calculate", "arguments": '{"expression": "1"}', "do": "save"}
        page = unescape(text(send(browser, f"{LIST}new/", {**base, **fields}), 422))
        assert said in page
        assert 'role="alert"' in page
        assert not TaskSchedule.objects.exists()

    def test_preview_across_a_clock_change(self, browser: Browser) -> None:
        browser.client.cookies["punctual_zone"] = "America/New_York"
        fields = {**RULE, "cron": "30 2 * * *", "starts_at": "2027-03-27T00:00"}
        page = text(send(browser, f"{LIST}preview/", fields, page=f"{LIST}new/"))
        assert "Sat 2027-03-27 02:30 +01:00" in page
        assert "Sun 2027-03-28 03:00 +02:00" in page or "Sun 2027-03-28 03:30 +02:00" in page
        assert "clocks change by +1 h" in page
        assert "2027-03-26 21:30:00 EDT" in page  # as somebody in New York reads the first
        assert 'class="note"' in page

    def test_a_time_that_comes_twice_is_kept(self, browser: Browser) -> None:
        schedule = new(run_at="2027-10-31T01:30:00Z", timezone="Europe/Berlin")
        page = text(browser.get(of(schedule, "edit/")))
        fields = fields_of(page)
        assert fields["run_at"] == "2027-10-31T02:30:00+01:00"
        assert "Nothing is different" in text(
            send(browser, of(schedule, "edit/"), {**fields, "do": "review"})
        )

    @pytest.mark.parametrize(
        "body",
        [
            {"every_x_hours": 5, "jitter_seconds": 1.5, "starts_at": "2026-01-01T00:00:00Z", "name": "x"},
            {
                "cron": "0 3 * * *",
                "timezone": "Asia/Kathmandu",
                "dst_gap": "skip",
                "expires_after_seconds": 60,
            },
            {"rrule": "DTSTART:20270101T000000Z\nRRULE:FREQ=DAILY", "tags": ["a", "b"], "priority": 0},
            {"run_at": "2126-01-01T00:00:00Z", "timezone": "Europe/Berlin", "max_attempts": 7},
        ],
    )
    def test_the_form_changes_nothing_by_itself(self, body: dict[str, Any], browser: Browser) -> None:
        schedule = new(**body)
        fields = fields_of(text(browser.get(of(schedule, "edit/"))))
        page = text(send(browser, of(schedule, "edit/"), {**fields, "do": "save"}))
        assert "Nothing is different" in page
        schedule.refresh_from_db()
        assert schedule.version == 1

    def test_first_what_it_changes(self, browser: Browser) -> None:
        schedule = new(cron="0 3 * * *", name="one")
        fields = {**fields_of(text(browser.get(of(schedule, "edit/")))), "cron": "0 4 * * *"}
        page = text(send(browser, of(schedule, "edit/"), {**fields, "do": "review"}))
        assert (page.count('class="gone"'), page.count('class="new"')) == (10, 10)
        schedule.refresh_from_db()
        assert schedule.cron == "0 3 * * *"
        assert send(browser, of(schedule, "edit/"), {**fields, "do": "save"}).status_code == 303
        schedule.refresh_from_db()
        assert (schedule.cron, schedule.version) == ("0 4 * * *", 2)

    def test_another_kind_of_rule(self, browser: Browser) -> None:
        schedule = new(cron="0 3 * * *")
        fields = fields_of(text(browser.get(of(schedule, "edit/"))))
        sent = {**fields, "kind": "every", "every_x_hours": "2", "do": "save"}
        assert send(browser, of(schedule, "edit/"), sent).status_code == 303
        schedule.refresh_from_db()
        assert (schedule.cron, schedule.every_x_hours) == (None, 2)

    def test_somebody_else_was_faster(self, browser: Browser) -> None:
        schedule = new(cron="0 3 * * *", name="one")
        fields = {**fields_of(text(browser.get(of(schedule, "edit/")))), "cron": "0 4 * * *"}
        pausing.pause(schedule.id, NOBODY)
        with_theirs = forms.redefinition(schedule, {"name": "theirs"}, NOBODY)
        schedule.refresh_from_db()
        editing.edit(schedule, with_theirs, NOBODY)
        page = text(send(browser, of(schedule, "edit/"), {**fields, "do": "save"}), 412)
        assert "Somebody else saved" in page
        assert "theirs" in page
        again = {**fields_of(page), "do": "save"}
        assert again["cron"] == "0 4 * * *"
        assert send(browser, of(schedule, "edit/"), again).status_code == 303

    def test_arguments_by_fields(self, browser: Browser) -> None:
        first = {**RULE, "operation": "sleep", "arguments": '{"seconds": 2}'}
        page = text(send(browser, f"{LIST}new/", {**first, "do": "fields"}))
        assert 'name="arguments.seconds" value="2"' in page
        by_fields = {**RULE, "operation": "sleep", "arguments_by": "fields"}
        wrong = {**by_fields, "arguments.seconds": "soon", "do": "save"}
        assert "must be a number" in text(send(browser, f"{LIST}new/", wrong), 422)
        wrong = {**by_fields, "arguments.seconds": "-1", "do": "save"}
        assert "-1" in text(send(browser, f"{LIST}new/", wrong), 422)
        page = text(send(browser, f"{LIST}new/", {**by_fields, "arguments.seconds": "3", "do": "json"}))
        assert "&quot;seconds&quot;: 3" in page
        assert (
            send(browser, f"{LIST}new/", {**by_fields, "arguments.seconds": "3", "do": "save"}).status_code
            == 303
        )
        assert TaskSchedule.objects.get().arguments["seconds"] == 3

    @pytest.mark.parametrize(("path", "do"), [("arguments/", ""), ("new/", "operation")])
    def test_another_operation_has_other_fields(self, browser: Browser, path: str, do: str) -> None:
        """By a part of the page, or by a button of the whole one."""

        def shown(**fields: str) -> str:
            sent = {**RULE, "arguments.seconds": "soon", **fields, "do": do}
            return text(send(browser, LIST + path, sent, page=f"{LIST}new/"))

        page = shown(operation="sleep", arguments="{}")
        assert 'name="arguments.seconds" value="soon"' in page
        assert 'name="arguments"' not in page
        page = shown(operation="calculate", arguments_by="fields")
        assert 'name="arguments.expression"' in page
        assert "arguments.seconds" not in page
        # What was written as JSON stays so.
        page = shown(operation="calculate", arguments='{"seconds": "{{ now }}"}')
        assert "{{ now }}" in page
        assert 'name="arguments.expression"' not in page
        page = shown(operation="nonsense", arguments_by="fields")
        assert 'name="arguments"' in page

    def test_hidden_arguments_stay_so_for_another_operation(self, browser: Browser) -> None:
        page = text(send(browser, f"{LIST}arguments/", {"operation": "sleep"}, page=f"{LIST}new/"))
        assert "The arguments are hidden" in page
        assert "<input" not in page.split('id="arguments"')[1].split("</div>")[0]

    def test_hidden_arguments_stay(self) -> None:
        schedule = new(operation="calculate", arguments={"expression": "40+2"})
        page = text(somebody("developer").get(of(schedule, "edit/")))
        assert "40+2" in page


class TestWho:
    POSTS = ("new/", "preview/", "arguments/", "bulk/pause/", "bulk/resume/", "bulk/trigger/", "{id}/edit/",
             "{id}/pause/", "{id}/resume/", "{id}/trigger/", "{id}/delete/", "{id}/backfill/",
             "{id}/occurrences/2126-01-01T00:00:00Z/")  # fmt: skip

    def test_a_viewer_may_change_nothing(self) -> None:
        schedule, browser = new(name="one"), somebody("viewer")
        page = text(browser.get(of(schedule)))
        assert "edit/" not in page
        assert "New schedule" not in text(browser.get(LIST))
        for path in self.POSTS:
            path = LIST + path.replace("{id}", str(schedule.id))
            answer = send(browser, path, {"id": str(schedule.id), "how": "skip"}, page=of(schedule))
            assert answer.status_code == 403, path
        schedule.refresh_from_db()
        assert (schedule.version, schedule.status) == (1, "active")

    def test_another_project_sees_nothing(self) -> None:
        schedule = new(name="not for you")
        browser = somebody("admin")
        make_person(name="eve", role=None, acme="admin")
        browser = Browser()
        assert browser.log_in("eve").status_code == 303
        assert "not for you" not in text(browser.get(LIST))
        paths = (path for path in self.POSTS if "{id}" in path)
        for path in ("{id}/", *paths):
            path = LIST + path.replace("{id}", str(schedule.id))
            text(browser.get(path), 404)
            if not path.endswith(f"{schedule.id}/"):
                answer = send(browser, path, {"how": "skip", "from": "2026-01-01T00:00"}, page=LIST)
                assert answer.status_code == 404, path
        text(browser.get(f"{LIST}bulk/pause/?id={schedule.id}"), 404)

    def test_whoever_is_nobody_logs_in(self) -> None:
        make_person()
        assert Browser().get(LIST).status_code == 303
