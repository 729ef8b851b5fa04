"""`/ui/audit/`: the events of the API, with filters in the address."""

import json
import re
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from access.actor import DEFAULT_PROJECT_ID
from access.audit.recording import INSTALLATION
from access.audit.sealing import seal
from access.models import AuditEvent
from testing.access import Browser, logged_in, make_key, make_person, make_project
from testing.api import Api

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"
MOST_QUERIES = 12
SCHEDULE = {"operation": "4+7", "every_x_days": 3}


@pytest.fixture
def browser() -> Browser:
    """Of an administrator of everything."""
    make_person()
    return logged_in()


def event(**fields: Any) -> AuditEvent:
    made: AuditEvent = AuditEvent.objects.create(
        **{
            "project_id": DEFAULT_PROJECT_ID,
            "actor_kind": "key",
            "actor_id": "9Zk3TqLw0bXa",
            "actor_name": "build",
            "action": "schedule.update",
            "target_type": "schedule",
            "target_id": "01994f3c-8a00-7c3d-9f21-4b1f0a6de851",
            "outcome": "done",
            **fields,
        }
    )
    return made


def test_who_what_when_and_before_and_after(browser: Browser) -> None:
    caller = Api(make_key(name="nightly").text)
    made = caller.post("/task-schedules/", SCHEDULE).json["id"]
    caller.send("PATCH", f"/task-schedules/{made}/", b'{"priority": 8}')
    page = browser.read("/ui/audit/?action=schedule.update")
    for text in ("nightly", "schedule.update", made, "priority", "5", "8"):
        assert text in page
    assert f"/ui/schedules/{made}/" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"one", "two", "three"}),
        ("actor=key:one", {"one"}),
        ("actor=person", {"two"}),
        ("action=task.cancel", {"two"}),
        ("target=task", {"two"}),
        ("outcome=refused", {"three"}),
        ("after=2100-01-01T00:00", set()),
        ("before=2100-01-01T00:00&actor=", {"one", "two", "three"}),
        ("after=2020-01-01T00:00:00Z", {"one", "two", "three"}),
        ("request_id=r1", {"one"}),
    ],
)
def test_filters(query: str, found: set[str], browser: Browser) -> None:
    event(actor_id="one", actor_name="name-one", request_id="r1")
    event(actor_kind="person", actor_name="name-two", action="task.cancel", target_type="task")
    event(actor_name="name-three", outcome="refused", action="access.refuse", reason="scope_missing")
    page = browser.read(f"/ui/audit/?{query}")
    assert {name for name in ("one", "two", "three") if f"name-{name}" in page} == found
    answer = browser.get(f"/ui/audit/lines/?{query}")
    assert "attachment" in answer["Content-Disposition"]
    told = [json.loads(line)["actor"]["name"] for line in answer.getvalue().splitlines()]
    assert {name.removeprefix("name-") for name in told} == found


@pytest.mark.parametrize("query", ["actor=%21", "action=nothing", "after=soon", "outcome=x", "colour=red"])
def test_what_no_filter_means_is_told(query: str, browser: Browser) -> None:
    answer = browser.get(f"/ui/audit/?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert browser.get(f"/ui/audit/lines/?{query}").status_code == 400


def test_times_are_in_the_zone_of_who_looks(browser: Browser) -> None:
    at = event().at
    browser.client.cookies["punctual_zone"] = "Pacific/Kiritimati"
    local = f"{at:%Y-%m-%dT%H:%M}"
    assert "build" in browser.read(f"/ui/audit/?after={local}")
    browser.client.cookies["punctual_zone"] = "Pacific/Pago_Pago"
    assert "build" not in browser.read(f"/ui/audit/?after={local}")


def test_what_others_wrote_is_text(browser: Browser) -> None:
    event(
        actor_name=HOSTILE,
        reason=HOSTILE,
        outcome="refused",
        target_id=HOSTILE,
        request_id=HOSTILE,
        filter={HOSTILE: HOSTILE},
        changes={HOSTILE: {"before": HOSTILE, "after": "\u202e"}},
    )
    page = browser.read("/ui/audit/")
    assert HOSTILE not in page
    assert "\u202e" not in page
    assert page.count("&lt;script&gt;") >= 6


def test_pages(browser: Browser) -> None:
    for number in range(3):
        event(actor_name=f"number {number}")
    page = browser.read("/ui/audit/?limit=2&action=schedule.update")
    assert [f"number {number}" in page for number in range(3)] == [False, True, True]
    [path] = re.findall(r'href="([^"]*cursor[^"]*)" rel="next"', page)
    assert "number 0" in browser.read(path.replace("&amp;", "&").replace("http://testserver", ""))


def test_the_chain(browser: Browser) -> None:
    event()
    assert "<dt>To be sealed</dt><dd>1</dd>" in browser.read("/ui/audit/")
    seal(DEFAULT_PROJECT_ID)
    page = browser.read("/ui/audit/")
    assert "<dt>To be sealed</dt><dd>0</dd>" in page
    assert re.search(r"1 event, the last one as <code>[0-9a-f]{64}</code>", page)


def test_it_costs_the_same_for_any_number(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        event()
    with django_assert_max_num_queries(MOST_QUERIES):
        browser.read("/ui/audit/")


@pytest.mark.parametrize("role", ["viewer", "submitter", "operator", "developer"])
@pytest.mark.parametrize("path", ["/ui/audit/", "/ui/audit/lines/"])
def test_whoever_may_not(role: str, path: str) -> None:
    make_person(role=role)
    browser = Browser()
    browser.log_in()
    assert browser.get(path).status_code == 403


def test_another_project_sees_nothing() -> None:
    own, other = make_project("own"), make_project("other")
    event(project_id=own.id, actor_name="ours")
    for project_id in (other.id, INSTALLATION, DEFAULT_PROJECT_ID):
        event(project_id=project_id, actor_name="theirs")
    make_person(role=None, own="admin")
    browser = Browser()
    browser.log_in()
    for path in ("/ui/audit/", "/ui/audit/lines/"):
        content = browser.get(path).getvalue().decode()
        assert "ours" in content
        assert "theirs" not in content
        assert browser.get(f"{path}?installation=true").status_code == 403
