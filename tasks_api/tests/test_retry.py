"""POST /tasks/{id}/retry/"""

import pytest
from pytest_django import DjangoAssertNumQueries

from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import REVIVE, Status
from tasks_api.models import Task
from tasks_api.upkeep import Upkeep
from testing.api import Answer, Api
from testing.broker import Lists
from testing.factories import ago, make_task


def retry(api: Api, task: Task) -> Answer:
    return api.post(f"/tasks/{task.id}/retry/", {})


@pytest.mark.django_db
class TestRetry:
    def test_it_works(self, api: Api) -> None:
        task, other = make_task(Status.FAILURE), make_task(Status.FAILURE)
        answer = retry(api, task)
        assert answer.status == 202
        assert answer.headers["Location"] == f"http://testserver/tasks/{task.id}/"
        assert answer.headers["Retry-After"] == "1"
        assert answer.json == api.get(f"/tasks/{task.id}/").json
        body = answer.json
        assert (body["status"], body["error"], body["finished_at"]) == ("PENDING", None, None)
        assert Task.objects.get(id=other.id).status == Status.FAILURE

    @pytest.mark.parametrize("status", REVIVE.sources)
    def test_attempts_go_on_counting_with_a_fresh_allowance(self, api: Api, status: Status) -> None:
        task = make_task(status, attempt=3, max_attempts=3, final_attempt=3)
        assert retry(api, task).json["attempt"] == 3
        run = transitions.claim(task.id, task.priority, token=new_id(), node=new_id())
        assert run is not None
        assert (run.attempt, run.final_attempt) == (4, 6)

    def test_it_does_not_expire_again(self, api: Api) -> None:
        task = make_task(Status.REVOKED, expires_at=ago(10))
        assert retry(api, task).json["expires_at"] is None
        assert transitions.expire(10) == 0

    @pytest.mark.parametrize("status", [status for status in Status if status not in REVIVE.sources])
    def test_another_stays(self, api: Api, status: Status) -> None:
        task = make_task(status)
        problem = retry(api, task).problem(409, "conflict")
        assert problem["detail"] == f"the task is {status}: only one that is FAILURE or REVOKED can run again"
        assert Task.objects.get().version == task.version

    def test_an_unknown_id(self, api: Api) -> None:
        api.post(f"/tasks/{new_id()}/retry/", {}).problem(404, "not_found")

    def test_it_takes_nothing(self, api: Api) -> None:
        path = f"/tasks/{make_task(Status.FAILURE).id}/retry/"
        ((_, code, _),) = api.post(path, {"priority": 9}).errors()
        assert code == "unexpected_body"
        ((_, code, _),) = api.post(f"{path}?priority=9", {}).errors()
        assert code == "unknown_field"
        assert Task.objects.get().status == Status.FAILURE

    def test_query_budget(self, api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        task = make_task(Status.FAILURE)
        with django_assert_num_queries(1):  # UPDATE task ... and INSERT INTO audit_event
            retry(api, task)


@pytest.mark.django_db(transaction=True)
class TestItsMessage:
    def test_the_next_sweep_sends_it(self, api: Api, broker: Lists) -> None:
        Upkeep().run()
        task = make_task(Status.FAILURE)
        assert retry(api, task).status == 202
        assert Upkeep().run().dispatched == 1
        assert [message.task_id for message in broker.sent()] == [str(task.id)]

    def test_what_is_refused_is_not_sent(self, api: Api, broker: Lists) -> None:
        assert retry(api, make_task(Status.SUCCESS)).status == 409
        assert Upkeep().run().dispatched == 0
        assert broker.sent() == []
