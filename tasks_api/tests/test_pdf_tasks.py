"""A task that reads a PDF: from the request to the rows, also where it is a hostile one or cannot be read here."""

from uuid import UUID

import pytest

from files.actions.opening import open_content
from files.actions.storing import store
from files.models import find_file
from operations import catalogue
from operations.pdf.tests.samples import sample
from operations.pdf_to_csv import LACK
from tasks_api.execution.running import execute
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.tests.executing import NODE, error_of
from testing.api import Api

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_folder", "broker")]
KNOWN = sample(2, is_ruled=True)


def body(content: bytes) -> dict[str, object]:
    file = store([content], "orders.pdf", "application/pdf", 1)
    return {"operation": "pdf_to_csv", "arguments": {"file": {"$file": str(file.id)}, "tables": [2]}}


def run(content: bytes) -> Task:
    task = Task.objects.get(id=Api().post("/tasks/", body(content)).json["id"])
    execute(task.id, task.priority, NODE)
    return Task.objects.get(id=task.id)


def test_its_files_are_kept() -> None:
    task = run(KNOWN.pdf)
    assert task.status == Status.SUCCESS
    assert task.result is not None
    (table,) = task.result["files"]
    file = find_file(UUID(table["file"]["$file"]), 1)
    with open_content(file) as content:
        assert content.read().decode().splitlines()[0] == ",".join(KNOWN.tables[1][0])
    assert (file.name, file.media_type, file.task_id) == ("orders.csv", "text/csv", task.id)


def test_a_file_that_is_no_pdf_fails_the_task_for_good() -> None:
    task = run(b"no pdf")
    assert (task.status, error_of(task)["type"]) == (Status.FAILURE, "not_a_pdf")


def test_what_cannot_run_here_is_refused_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.pdf_to_csv.find_spec", lambda _name: None)
    ((where, code, detail),) = Api().post("/tasks/", body(KNOWN.pdf)).errors()
    assert (where, code) == ("#/operation", "unavailable")
    assert LACK.mend in detail
    told = Api().get("/operations/pdf_to_csv/").json
    assert told["unavailable"] == {"reason": LACK.reason, "mend": LACK.mend}
    assert told["notes"] == []
    assert Task.objects.count() == 0


def test_what_can_run_lacks_nothing() -> None:
    told = {each["name"]: each["unavailable"] for each in Api().get("/operations/").json["results"]}
    assert told["pdf_to_csv"] is None
    assert told["calculate"] is None
    assert set(told) == {each.name for each in catalogue.all()}
