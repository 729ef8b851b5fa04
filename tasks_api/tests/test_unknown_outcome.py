"""What a 503 says of what happened: nothing, or nobody knows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection

from access import idempotency
from tasks_api import submission
from tasks_api.api import creating
from tasks_api.database import execute, fetch_one
from tasks_api.models import Task
from tasks_api.submission import Born
from tasks_api.tests.limiting import SHORT, limited
from testing.api import Api
from testing.concurrency import apart
from testing.locks import locked_table

pytestmark = pytest.mark.django_db(transaction=True)
SUM = {"operation": "4+7"}


class TestOutcome:
    """What a 503 says of what happened."""

    @pytest.fixture(autouse=True)
    def clean(self) -> Iterator[None]:
        """As Django does it after each request, but not for a client that is in the same process."""
        yield
        connection.close()

    def cut(self) -> None:
        ours = fetch_one("SELECT pg_backend_pid()", [])
        assert ours is not None
        apart(lambda: execute("SELECT pg_terminate_backend(%s, 10000)", [ours[0]])).result(30)

    def test_before_the_commit_nothing_happened(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        def cut(tasks: Any) -> Born:
            self.cut()
            return submission.submit(tasks)

        monkeypatch.setattr(creating, "submit", cut)
        api.post("/tasks/", SUM, idempotency_key="k").problem(503, "database_away")
        assert not Task.objects.exists()

    def test_at_the_commit_nobody_knows(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        keep = idempotency.keep

        def keep_and_cut(*what: Any) -> None:
            keep(*what)
            self.cut()

        monkeypatch.setattr(idempotency, "keep", keep_and_cut)
        problem = api.post("/tasks/", SUM, idempotency_key="k").problem(503, "outcome_unknown")
        assert "may have been carried out" in problem["detail"]
        assert "Idempotency-Key" in problem["detail"]

    def test_after_the_commit_it_is_so(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        def submit_and_ask(tasks: Any) -> Born:
            born = submission.submit(tasks)
            self.cut()
            Task.objects.count()
            return born

        monkeypatch.setattr(creating, "submit", submit_and_ask)
        api.post("/tasks/", SUM).problem(503, "outcome_unknown")

    def test_a_statement_that_commits_by_itself(self, api: Api) -> None:
        # The server ends the connection in the middle of it.
        execute(
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$",
            None,
        )
        execute("CREATE TRIGGER cut BEFORE INSERT ON task FOR EACH ROW EXECUTE FUNCTION cut()", None)
        try:
            api.post("/tasks/", SUM).problem(503, "outcome_unknown")
        finally:
            connection.close()
            execute("DROP FUNCTION cut CASCADE", None)

    def test_reading_changes_nothing(self, api: Api) -> None:
        api.post("/tasks/", SUM)
        self.cut()
        api.get("/tasks/").problem(503, "database_away")

    def test_what_the_server_refuses_was_not_carried_out(self) -> None:
        wrapper: Any = connection
        wrapper.may_have_committed = False
        with limited(SHORT), locked_table("task"), pytest.raises(OperationalError):
            execute("DELETE FROM task", [])
        assert not wrapper.may_have_committed
        execute("DELETE FROM task", [])
        assert wrapper.may_have_committed
