"""GET /tasks/{id}/?wait="""

import threading

import pytest
from django.conf import settings as configured
from django.db import OperationalError, connection
from django.db.models import F
from pytest_django import Settings

from access.actor import SYSTEM
from tasks_api import watching
from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, Status
from tasks_api.models import Task
from tasks_api.watching import watcher
from testing.access import make_key, make_project
from testing.api import Api
from testing.concurrency import apart, clients, eventually
from testing.factories import ago, make_task

pytestmark = pytest.mark.django_db(transaction=True)

LONG = 60


def finish(task: Task) -> None:
    Task.objects.filter(id=task.id).update(
        status=Status.SUCCESS, result=11, dispatch_at=None, finished_at=ago(0), version=F("version") + 1
    )


def wait_for(task: Task, seconds: float = LONG) -> str:
    return f"/tasks/{task.id}/?wait={seconds}"


def is_waited_for(task: Task) -> bool:
    return task.id in watcher._watches


def test_it_works(api: Api) -> None:
    task = make_task()
    answer = apart(lambda: api.get(wait_for(task)))
    eventually(lambda: is_waited_for(task))
    finish(task)
    assert (answer.result(LONG).json["status"], answer.result().json["result"]) == ("SUCCESS", 11)


@pytest.mark.parametrize("status", FINAL)
def test_a_final_task_is_answered_at_once(api: Api, status: Status) -> None:
    task = make_task(status)
    assert api.get(wait_for(task)).json["status"] == status
    assert not is_waited_for(task)


def test_a_task_that_does_not_end_is_answered_as_it_stands(api: Api) -> None:
    answer = api.get(wait_for(make_task(Status.STARTED), 0.05))
    assert (answer.status, answer.json["status"]) == (200, "STARTED")
    assert "Retry-After" not in answer.headers


def test_many_can_wait_for_one(api: Api) -> None:
    task = make_task()
    answers = [apart(lambda: Api().get(wait_for(task))) for _ in range(3)]
    eventually(lambda: len(watcher._watches.get(task.id, ())) == 3)
    finish(task)
    assert [answer.result(LONG).json["status"] for answer in answers] == ["SUCCESS"] * 3


def test_each_waits_for_its_own(api: Api) -> None:
    ends, goes_on = make_task(), make_task()
    others = apart(lambda: Api().get(wait_for(goes_on)))
    answer = apart(lambda: Api().get(wait_for(ends)))
    eventually(lambda: is_waited_for(ends) and is_waited_for(goes_on))
    finish(ends)
    assert answer.result(LONG).json["status"] == "SUCCESS"
    assert not others.done()
    finish(goes_on)
    assert others.result(LONG).json["status"] == "SUCCESS"


def test_a_task_that_is_deleted_meanwhile(api: Api) -> None:
    task = make_task()
    answer = apart(lambda: api.get(wait_for(task)))
    eventually(lambda: is_waited_for(task))
    Task.objects.all().delete()
    answer.result(LONG).problem(404, "not_found")


def test_nobody_is_remembered(api: Api) -> None:
    task = make_task()
    api.get(wait_for(task, 0.01))
    assert not is_waited_for(task)
    assert watcher._count == 0


def test_too_many_are_told_to_come_back(api: Api, settings: Settings) -> None:
    settings.ENVIRONMENT = configured.ENVIRONMENT.model_copy(update={"WEB_WAITING": 1})
    first, second = make_task(), make_task()
    answer = apart(lambda: Api().get(wait_for(first)))
    eventually(lambda: is_waited_for(first))
    refused = api.get(wait_for(second))
    assert (refused.status, refused.json["status"]) == (200, "PENDING")
    assert refused.headers["Retry-After"] == "1"
    finish(first)
    assert answer.result(LONG).json["status"] == "SUCCESS"


def test_one_key_does_not_take_the_places_of_all(settings: Settings) -> None:
    settings.ENVIRONMENT = configured.ENVIRONMENT.model_copy(update={"KEY_WAITING_LIMIT": 2})
    greedy, other = make_key().text, make_key().text
    tasks = [make_task() for _ in range(3)]
    answers = [apart(lambda task=task: Api(greedy).get(wait_for(task))) for task in tasks[:2]]  # type: ignore[misc]
    eventually(lambda: all(is_waited_for(task) for task in tasks[:2]))
    refused = Api(greedy).get(wait_for(tasks[2]))
    assert (refused.status, refused.headers["Retry-After"]) == (200, "1")
    stream = Api(greedy).get(f"/tasks/{tasks[2].id}/events/")
    assert "2 of your requests" in stream.problem(429, "too_many_of_yours_waiting")["detail"]
    assert int(stream.headers["Retry-After"]) > 0
    answers.append(apart(lambda: Api(other).get(wait_for(tasks[2]))))
    eventually(lambda: is_waited_for(tasks[2]))
    for task in tasks:
        finish(task)
    assert [answer.result(LONG).json["status"] for answer in answers] == ["SUCCESS"] * 3
    assert (watcher._count, watcher._of_one) == (0, {})
    assert Api(greedy).get(wait_for(make_task(), 0.01)).headers.get("Retry-After") is None


def test_one_project_does_not_take_the_places_of_all(settings: Settings) -> None:
    settings.ENVIRONMENT = configured.ENVIRONMENT.model_copy(update={"WEB_WAITING": 3})
    tasks = [make_task() for _ in range(3)]
    answers = [apart(lambda task=task: Api(make_key().text).get(wait_for(task))) for task in tasks[:2]]  # type: ignore[misc]
    eventually(lambda: all(is_waited_for(task) for task in tasks[:2]))
    caller = Api(make_key().text)
    assert "Retry-After" not in caller.get(wait_for(tasks[2], 0.01)).headers
    other = make_project()
    refused = caller.get(wait_for(tasks[2]))
    assert (refused.status, refused.headers["Retry-After"]) == (200, "1")
    stream = caller.get(f"/tasks/{tasks[2].id}/events/")
    assert "2 requests of your project" in stream.problem(429, "too_many_of_yours_waiting")["detail"]
    theirs = make_task(project_id=other.id)
    answers.append(apart(lambda: Api(make_key(project=other).text).get(wait_for(theirs))))
    eventually(lambda: is_waited_for(theirs))
    for task in (*tasks, theirs):
        finish(task)
    assert [answer.result(LONG).json["status"] for answer in answers] == ["SUCCESS"] * 3
    assert (watcher._count, watcher._of_project) == (0, {})


def test_without_keys_nobody_is_told_apart(settings: Settings) -> None:
    settings.ENVIRONMENT = configured.ENVIRONMENT.model_copy(update={"KEY_WAITING_LIMIT": 1})
    tasks = [make_task() for _ in range(3)]
    answers = [apart(lambda task=task: Api().get(wait_for(task))) for task in tasks]  # type: ignore[misc]
    eventually(lambda: all(is_waited_for(task) for task in tasks))
    for task in tasks:
        finish(task)
    assert [answer.result(LONG).json["status"] for answer in answers] == ["SUCCESS"] * 3


def test_while_they_wait_nobody_holds_a_connection(api: Api) -> None:
    tasks = [make_task() for _ in range(5)]
    before = clients()
    answers = [apart(lambda task=task: Api().get(wait_for(task))) for task in tasks]  # type: ignore[misc]
    eventually(lambda: all(is_waited_for(task) for task in tasks))
    eventually(lambda: len(clients() - before) <= 1)  # the watcher's
    for task in tasks:
        finish(task)
    assert [answer.result(LONG).json["status"] for answer in answers] == ["SUCCESS"] * 5


class TestSurvival:
    @pytest.mark.parametrize("error", [MemoryError(), RuntimeError("a mistake"), OperationalError("away")])
    def test_whatever_fails_the_watcher_goes_on(
        self, api: Api, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        monkeypatch.setattr(watching, "PAUSE_AFTER_ERROR_SECONDS", 0.01)
        looks: list[object] = []
        look = watching._look

        def fail_at_first(watches: list[watching.Watch]) -> None:
            looks.append(watches)
            if len(looks) == 1:
                raise error
            look(watches)

        monkeypatch.setattr(watching, "_look", fail_at_first)
        task = make_task()
        answer = apart(lambda: api.get(wait_for(task)))
        eventually(lambda: len(looks) > 1)
        finish(task)
        assert answer.result(LONG).json["status"] == "SUCCESS"

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_a_watcher_whose_thread_ended_gets_another(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lonely, task = watching.Watcher(), make_task()

        def end() -> None:
            connection.close()
            raise SystemExit

        with monkeypatch.context() as patched:
            patched.setattr(lonely, "_tell_all", end)
            assert lonely.wait_until_final(task, 0.01, SYSTEM) is not None
            assert lonely._thread is not None
            lonely._thread.join(LONG)
        answer = apart(lambda: lonely.wait_until_final(task, LONG, SYSTEM))
        eventually(lambda: lonely._watches)
        finish(task)
        ended = answer.result(LONG)
        assert ended is not None
        assert ended.status == Status.SUCCESS

    def test_without_a_thread_to_watch_nobody_waits(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_thread(*_: object) -> threading.Thread:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(watching, "kept_running", no_thread)
        answer = api.get(wait_for(make_task()))
        assert (answer.status, answer.headers["Retry-After"]) == (200, "1")
        assert watcher._count == 0


def test_an_unknown_id_is_not_waited_for(api: Api) -> None:
    api.get(f"/tasks/{new_id()}/?wait={LONG}").problem(404, "not_found")


@pytest.mark.parametrize("value", ["0", "0.0", "0.01"])
def test_waits_that_are_short(api: Api, value: str) -> None:
    assert api.get(f"/tasks/{make_task().id}/?wait={value}").status == 200


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("-1", "min_value"),
        ("61", "max_value"),
        ("60.001", "max_value"),
        ("", "invalid_type"),
        ("long", "invalid_type"),
        ("nan", "invalid_type"),
        ("inf", "invalid_type"),
        ("1e1", "invalid_type"),
        ("1_0", "invalid_type"),
        (" 3", "invalid_type"),
        ("true", "invalid_type"),
        ("3&wait=4", "invalid_type"),
    ],
)
def test_waits_that_are_none(api: Api, value: str, code: str) -> None:
    ((where, found, _),) = api.get(f"/tasks/{make_task().id}/?wait={value}").errors()
    assert (where, found) == ("wait", code)
