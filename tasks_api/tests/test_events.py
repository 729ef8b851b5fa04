"""GET /tasks/{id}/events/, from a real web server."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID, uuid4

import httpx
import pytest
from django.db.models import F

from tasks_api import transitions
from tasks_api.database import execute, fetch_all
from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, Status
from tasks_api.models import Task
from tasks_api.transitions import Run
from tasks_api.watching import VERSIONS_SQL
from testing.api import PROBLEM, Api
from testing.away import break_other_connections
from testing.concurrency import PATIENCE_SECONDS, apart, clients, eventually
from testing.events import HEART_BEAT, Event, following
from testing.factories import make_task
from testing.web import Web, running_web

# One group, so that one process of the test run starts the web servers.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("web")]

MANY = 100


@pytest.fixture(scope="module")
def streams(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A web server whose heart beats often."""
    folder = tmp_path_factory.mktemp("streams")
    with running_web(folder, HEART_BEAT_SECONDS=0.1, WEB_WAITING=MANY + 2, WEB_THREADS=4) as (web, _):
        yield web


@pytest.fixture(scope="module")
def narrow_web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A web server where one may wait."""
    with running_web(tmp_path_factory.mktemp("narrow"), HEART_BEAT_SECONDS=0.05, WEB_WAITING=1) as (web, _):
        yield web


@pytest.fixture
def narrow(narrow_web: Web) -> Web:
    """It, when whoever waited before has left."""
    task = make_task()
    eventually(lambda: "Retry-After" not in narrow_web.get(f"/tasks/{task.id}/?wait=0.001").headers)
    return narrow_web


def claim(task: Task) -> Run:
    run = transitions.claim(task.id, task.priority, token=uuid4(), node=new_id())
    assert run is not None
    return run


def read(task: Task) -> object:
    return Api().get(f"/tasks/{task.id}/").json


def refused(web: Web, task_id: UUID, query: str = "", **headers: str) -> httpx.Response:
    with httpx.Client(base_url=web.url, trust_env=False, timeout=30) as client:
        answer = client.get(f"/tasks/{task_id}/events/{query}", headers=headers)
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    return answer


def test_it_works(streams: Web) -> None:
    task = make_task()
    with following(streams.url, task.id) as stream:
        assert stream.next() == Event("status", read(task), 0)
        run = claim(task)
        assert stream.next() == Event("status", read(task), 1)
        transitions.report(run, '{"percent": 50, "message": "half"}')
        assert stream.next() == Event("progress", {"percent": 50, "message": "half"}, 2)
        transitions.succeed(run, "11")
        assert list(stream) == [Event("end", read(task), 3)]


def test_its_headers(streams: Web) -> None:
    with following(streams.url, make_task().id, X_Request_ID="mine") as stream:
        headers = stream.response.headers
    assert headers["Content-Type"] == "text/event-stream"
    assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("no-store", "no")
    assert headers["X-Request-ID"] == "mine"


def test_it_tells_when_to_come_again(streams: Web) -> None:
    with following(streams.url, make_task(Status.SUCCESS).id) as stream:
        assert stream.response.read().startswith(b"retry: 3000\n\n")


def test_a_failed_try_and_the_next(streams: Web) -> None:
    task = make_task()
    with following(streams.url, task.id) as stream:
        stream.next()
        run = claim(task)
        stream.next()
        transitions.fail(run, '{"type": "OSError", "message": "no", "permanent": false}', retry_in=3600)
        event = stream.next()
        assert (event.name, event.data["status"], event.data["error"]["type"]) == (
            "status",
            "RETRY",
            "OSError",
        )


def test_a_change_of_a_waiting_task(streams: Web) -> None:
    task = make_task(priority=3)
    with following(streams.url, task.id) as stream:
        stream.next()
        Task.objects.filter(id=task.id).update(priority=8, version=F("version") + 1)
        event = stream.next()
    assert (event.name, event.data["priority"], event.id) == ("status", 8, 1)


@pytest.mark.parametrize("status", FINAL)
def test_a_final_task(streams: Web, status: Status) -> None:
    task = make_task(status, version=7)
    with following(streams.url, task.id) as stream:
        assert list(stream) == [Event("end", read(task), 7)]


def test_a_task_that_is_deleted(streams: Web) -> None:
    task = make_task()
    with following(streams.url, task.id) as stream:
        stream.next()
        Task.objects.all().delete()
        assert list(stream) == [Event("end", {"id": str(task.id), "deleted": True})]


def test_a_quiet_stream_shows_that_it_is_alive(streams: Web) -> None:
    with following(streams.url, make_task().id) as stream:
        stream.next()
        assert [stream.beat().name for _ in range(3)] == [HEART_BEAT] * 3


def test_it_goes_on_where_it_was_cut(streams: Web) -> None:
    task = make_task(version=3)
    with following(streams.url, task.id, Last_Event_ID="3") as stream:
        assert stream.beat().name == HEART_BEAT
        claim(task)
        assert stream.next() == Event("status", read(task), 4)


@pytest.mark.parametrize("last", ["2", "", "what?", "99999999999999999999"])
def test_it_begins_at_once_when_there_is_news(streams: Web, last: str) -> None:
    task = make_task(version=3)
    with following(streams.url, task.id, Last_Event_ID=last) as stream:
        assert stream.beat() == Event("status", read(task), 3)


def test_after_the_end_there_is_nothing(streams: Web) -> None:
    task = make_task(Status.SUCCESS, version=3)
    with following(streams.url, task.id, Last_Event_ID="3") as stream:
        assert (stream.response.status_code, stream.response.read()) == (204, b"")


@pytest.mark.parametrize("accepted", ["text/event-stream", "text/*", "*/*", "text/html, */*;q=0.1"])
def test_who_gets_it(streams: Web, accepted: str) -> None:
    with following(streams.url, make_task(Status.SUCCESS).id, Accept=accepted) as stream:
        assert stream.next().name == "end"


def test_who_does_not(streams: Web) -> None:
    assert refused(streams, make_task().id, Accept="application/json").status_code == 406


def test_errors_are_problems(streams: Web) -> None:
    assert refused(streams, new_id()).json()["code"] == "not_found"
    assert refused(streams, make_task().id, "?colour=red").json()["code"] == "invalid_input"


def test_a_hundred_streams_block_nobody(streams: Web) -> None:
    tasks = [make_task() for _ in range(MANY)]
    of_other_servers = clients()
    with ExitStack() as opened:
        following_all = [opened.enter_context(following(streams.url, task.id)) for task in tasks]
        assert [stream.next().name for stream in following_all] == ["status"] * MANY
        assert {streams.get(f"/tasks/{task.id}/").status for task in tasks[:20]} == {200}
        assert streams.post("/tasks/", b'{"operation": "4+7"}').status == 202
        assert len(clients() - of_other_servers) < 20
        finish_all()
        assert {event.name for stream in following_all for event in stream} == {"end"}


def finish_all() -> None:
    sql = "UPDATE task SET status = 'REVOKED', dispatch_at = NULL, finished_at = now(), version = version + 1"
    execute(sql, [])


def test_beyond_the_limit_one_is_told_to_come_back_and_who_leaves_makes_room(narrow: Web) -> None:
    task = make_task()
    with following(narrow.url, task.id) as stream:
        stream.next()
        answer = refused(narrow, task.id)
        assert (answer.status_code, answer.json()["code"]) == (503, "too_many_waiting")
        assert int(answer.headers["Retry-After"]) > 0
        assert narrow.get(f"/tasks/{task.id}/?wait=60").headers["Retry-After"] == "1"
    eventually(lambda: is_open(narrow, task))


def test_who_asks_for_the_head_alone_leaves_at_once(narrow: Web) -> None:
    task = make_task()
    for _ in range(2):
        eventually(lambda: head(narrow, task).status_code == 200)


def head(web: Web, task: Task) -> httpx.Response:
    return httpx.head(f"{web.url}/tasks/{task.id}/events/", trust_env=False, timeout=30)


def is_open(web: Web, task: Task) -> bool:
    with following(web.url, task.id) as stream:
        return stream.response.status_code == 200


def test_final_tasks_need_no_room(narrow: Web) -> None:
    with following(narrow.url, make_task().id) as stream:
        stream.next()
        assert is_open(narrow, make_task(Status.SUCCESS))


def test_a_stopping_server_ends_its_streams(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    task = make_task()
    with running_web(tmp_path_factory.mktemp("stopping")) as (web, process):
        with following(web.url, task.id) as stream:
            stream.next()
            process.terminate()
            assert list(stream) == []
        assert process.wait(PATIENCE_SECONDS) == 0
        assert "refused to gracefully stop" not in web.log.read_text()


def test_a_stopping_server_answers_who_waits(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    task = make_task()
    with running_web(tmp_path_factory.mktemp("stopping")) as (web, process):
        answer = apart(lambda: web.get(f"/tasks/{task.id}/?wait=60"))
        eventually(lambda: somebody_watches(task))
        process.terminate()
        assert answer.result(30).json["status"] == "PENDING"
        assert process.wait(PATIENCE_SECONDS) == 0


def somebody_watches(task: Task) -> bool:
    sql = "SELECT 1 FROM pg_stat_activity WHERE query LIKE %s AND query LIKE %s AND pid <> pg_backend_pid()"
    return bool(fetch_all(sql, [VERSIONS_SQL[:30] + "%", f"%{task.id}%"]))


def test_a_cut_connection_of_the_database_is_not_noticed(streams: Web) -> None:
    task = make_task()
    with following(streams.url, task.id) as stream:
        stream.next()
        assert break_other_connections()
        claim(task)
        assert stream.next().data["status"] == "STARTED"
