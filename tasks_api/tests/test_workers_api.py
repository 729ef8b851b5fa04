"""`/workers/`: the processes of the installation, and what they run of the caller's project."""

import pytest
from pytest_django import DjangoAssertNumQueries

from access.models import AuditEvent, Project
from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from tasks_api.models import Role, WorkerNode
from testing.access import make_key, make_project
from testing.actors import OURS, THEIRS
from testing.api import Api
from testing.factories import ago, make_node, make_task
from testing.openapi import Auditor

pytestmark = pytest.mark.django_db


def runs(node: WorkerNode, project_id: int) -> str:
    return str(make_task(Status.STARTED, node_id=node.id, project_id=project_id).id)


def test_what_a_worker_says_of_itself(auditor: Auditor) -> None:
    node = make_node(slots=2, version="1.2.3", started_at=ago(60), beat_at=ago(-60))
    task = runs(node, 1)
    [found] = auditor.get("/workers/").json["results"]
    assert found == auditor.get(f"/workers/{node.id}/").json | {
        name: found[name] for name in ("beat_age_seconds",)
    }
    assert 0 <= found["beat_age_seconds"] < 10
    told = ("id", "role", "name", "state", "version", "slots", "draining_since", "stopped_at")
    assert [found[name] for name in told] == [
        str(node.id),
        "worker",
        "worker@test",
        "alive",
        "1.2.3",
        2,
        None,
        None,
    ]
    assert (found["running"], found["running_in_all_projects"]) == ({"count": 1, "tasks": [task]}, 1)


def test_states_and_filters(auditor: Auditor) -> None:
    alive = make_node(Role.BEAT, beat_at=ago(-60))
    silent = make_node(beat_at=ago(30))
    stopped = make_node(Role.SWEEPER, beat_at=ago(5), stopped_at=ago(3))
    by_state = {"alive": alive, "silent": silent, "stopped": stopped}
    for state, node in by_state.items():
        [found] = auditor.get(f"/workers/?state={state}").json["results"]
        assert (found["id"], found["state"]) == (str(node.id), state)
        [found] = auditor.get(f"/workers/?role={node.role}").json["results"]
        assert found["id"] == str(node.id)
    assert len(auditor.get("/workers/?state=alive&state=stopped").json["results"]) == 2
    assert (
        auditor.get("/workers/?state=dead").problem(400, "invalid_input")["errors"][0]["parameter"] == "state"
    )


def test_pages(auditor: Auditor) -> None:
    ids = [str(make_node(beat_at=ago(-60)).id) for _ in range(3)]
    first = auditor.get("/workers/?limit=2").json
    assert [each["id"] for each in first["results"]] == ids[:0:-1]
    second = auditor.get(first["next"].partition("testserver")[2]).json
    assert [each["id"] for each in second["results"]] == ids[:1]


def test_the_list_costs_the_same_for_any_number(
    auditor: Auditor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        runs(make_node(beat_at=ago(-60)), 1)
    with django_assert_max_num_queries(3):
        assert len(auditor.get("/workers/").json["results"]) == 20


class TestOfProjects:
    @pytest.fixture(autouse=True)
    def projects(self) -> None:
        for actor in (OURS, THEIRS):
            make_project(actor.name, id=actor.project_id)

    def test_tasks_are_of_ones_own(self) -> None:
        node = make_node(beat_at=ago(-60))
        ours, _ = runs(node, OURS.project_id), runs(node, THEIRS.project_id)
        installation = Api(make_key("viewer").text)
        found = installation.get(f"/workers/{node.id}/", punctual_project=OURS.name).json
        assert (found["running"], found["running_in_all_projects"]) == ({"count": 1, "tasks": [ours]}, 2)

    def test_whoever_belongs_to_a_project_is_told_of_no_others(self) -> None:
        node = make_node(beat_at=ago(-60))
        ours, _ = runs(node, OURS.project_id), runs(node, THEIRS.project_id)
        bound = Api(make_key("viewer", Project.objects.get(id=OURS.project_id)).text)
        [found] = bound.get("/workers/").json["results"]
        assert (found["running"], found["running_in_all_projects"]) == ({"count": 1, "tasks": [ours]}, None)

    def test_whoever_belongs_to_a_project_drains_nothing(self) -> None:
        node = make_node(beat_at=ago(-60))
        bound = Api(make_key("admin", Project.objects.get(id=OURS.project_id)).text)
        bound.post(f"/workers/{node.id}/drain/", None).problem(403, "installation_only")
        assert WorkerNode.objects.get(id=node.id).draining_since is None


class TestDrain:
    def test_it_is_asked_once(self, auditor: Auditor) -> None:
        node = make_node(slots=2, beat_at=ago(-60))
        path = f"/workers/{node.id}/drain/"
        first = auditor.send("POST", path).json
        assert first["draining_since"]
        assert auditor.send("POST", path).json["draining_since"] == first["draining_since"]
        [event] = AuditEvent.objects.all()
        assert (event.action, event.project_id, event.target_id) == ("worker.drain", 0, str(node.id))

    @pytest.mark.parametrize(
        ("role", "changes", "word"),
        [
            (Role.SWEEPER, {}, "sweeper"),
            (Role.BEAT, {}, "beat"),
            (Role.FOREGROUND, {}, "foreground"),
            (Role.WORKER, {"beat_at": ago(30)}, "silent"),
            (Role.WORKER, {"stopped_at": ago(1)}, "stopped"),
        ],
    )
    def test_what_cannot_be_drained(
        self, role: Role, changes: dict[str, object], word: str, auditor: Auditor
    ) -> None:
        node = make_node(role, **changes)  # type: ignore[arg-type]
        problem = auditor.send("POST", f"/workers/{node.id}/drain/").problem(409, "conflict")
        assert word in problem["detail"]
        assert not AuditEvent.objects.exists()

    def test_nobody(self, auditor: Auditor) -> None:
        auditor.send("POST", f"/workers/{new_id()}/drain/").problem(404, "not_found")
        auditor.get(f"/workers/{new_id()}/").problem(404, "not_found")
