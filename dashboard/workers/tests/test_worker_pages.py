"""`/ui/workers/`: who is alive, what runs there, and draining one."""

import pytest
from pytest_django import DjangoAssertNumQueries

from access.models import AuditEvent
from tasks_api.lifecycle import Status
from tasks_api.models import Role, WorkerNode
from testing.access import Browser, make_person, make_project
from testing.factories import ago, make_node, make_task

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>"


def test_in_open_mode_everybody_sees_them() -> None:
    node = make_node(slots=2, version="1.2.3", beat_at=ago(-60))
    task = make_task(Status.STARTED, node_id=node.id)
    page = Browser().read("/ui/workers/")
    for text in ("worker@test", "1.2.3", f"/ui/tasks/{task.id}/", f"/ui/workers/{node.id}/drain/"):
        assert text in page


def test_states() -> None:
    make_node(name="one-alive", beat_at=ago(-60))
    make_node(name="one-silent", beat_at=ago(60))
    make_node(name="one-stopped", stopped_at=ago(1), beat_at=ago(-60))
    for state in ("alive", "silent", "stopped"):
        page = Browser().read(f"/ui/workers/?state={state}")
        assert [name for name in ("alive", "silent", "stopped") if f"one-{name}" in page] == [state]
    assert "one-alive" in Browser().read("/ui/workers/?state=nonsense")


def test_nobody_is_there() -> None:
    assert "manage.py start worker" in Browser().read("/ui/workers/")


def test_what_others_wrote_is_text() -> None:
    make_node(name=HOSTILE, failure=HOSTILE, failing_since=ago(5), beat_at=ago(-60))
    page = Browser().read("/ui/workers/")
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;") >= 2


def test_it_costs_the_same_for_any_number(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(20):
        make_task(Status.STARTED, node_id=make_node(slots=1, beat_at=ago(-60)).id)
    make_person()
    browser = Browser()
    browser.log_in()
    with django_assert_max_num_queries(12):
        browser.read("/ui/workers/")


class TestDrain:
    def test_it_is_asked_first(self) -> None:
        node, browser = make_node(slots=2, beat_at=ago(-60)), Browser()
        path = f"/ui/workers/{node.id}/drain/"
        assert "worker@test" in browser.read(path)
        assert WorkerNode.objects.get().draining_since is None
        answer = browser.send(path, {})
        assert (answer.status_code, answer["Location"]) == (303, "/ui/workers/")
        assert WorkerNode.objects.get().draining_since is not None
        [event] = AuditEvent.objects.filter(action="worker.drain")
        assert (event.outcome, event.target_id) == ("done", str(node.id))
        assert "draining" in browser.read("/ui/workers/")

    def test_what_the_api_refuses_is_refused_alike(self) -> None:
        node, browser = make_node(Role.BEAT, beat_at=ago(-60)), Browser()
        path = f"/ui/workers/{node.id}/drain/"
        answer = browser.send(path, {}, page="/ui/operations/sleep/")
        assert answer.status_code == 409
        assert "it is a beat" in answer.content.decode()

    def test_a_viewer_may_not(self) -> None:
        node = make_node(beat_at=ago(-60))
        make_person(role="viewer")
        browser = Browser()
        browser.log_in()
        assert "/drain/" not in browser.read("/ui/workers/")
        token = browser.client.cookies["punctual_csrf"].value
        answer = browser.client.post(f"/ui/workers/{node.id}/drain/", headers={"X-CSRFToken": token})
        assert answer.status_code == 403
        assert WorkerNode.objects.get().draining_since is None

    def test_an_operator_of_one_project_may_not(self) -> None:
        node = make_node(beat_at=ago(-60))
        make_person(role=None, own="operator")
        browser = Browser()
        browser.log_in()
        assert "/drain/" not in browser.read("/ui/workers/")
        token = browser.client.cookies["punctual_csrf"].value
        answer = browser.client.post(f"/ui/workers/{node.id}/drain/", headers={"X-CSRFToken": token})
        assert answer.status_code == 403
        assert WorkerNode.objects.get().draining_since is None


def test_another_project_sees_none_of_the_tasks() -> None:
    own, other = make_project("own"), make_project("other")
    node = make_node(slots=2, beat_at=ago(-60))
    task = make_task(Status.STARTED, node_id=node.id, project_id=own.id)
    make_person("ada", role=None, own="viewer")
    make_person("eve", role=None, other="viewer")
    for name, sees in (("ada", True), ("eve", False)):
        browser = Browser()
        browser.log_in(name)
        assert (f"/tasks/{task.id}/" in browser.read("/ui/workers/")) is sees
    assert other.id != own.id
