"""Tasks that read files and make them: from the request to the rows, and what becomes of failed attempts."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
from django.db.models.functions import Now
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries
from typing_extensions import TypedDict

from access.actor import DEFAULT_PROJECT_ID
from files.actions.storing import NewFile
from files.actions.uploading import begin
from files.models import File as Row
from files.models import FileUse
from files.retention import forget_drafts, forget_old_files
from operations import Context, File, FileReference, MaxBytes, Media, OperationError
from tasks_api import file_uses
from tasks_api.execution.running import execute
from tasks_api.lifecycle import Status
from tasks_api.models import Task
from tasks_api.retention import forget_old_tasks
from tasks_api.tests.conftest import Register
from tasks_api.tests.executing import NODE, error_of
from testing.access import make_project
from testing.api import Api
from testing.files import a_file, reference

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_folder", "broker")]


class Copied(TypedDict):
    """What was made."""

    file: FileReference


@pytest.fixture(autouse=True)
def copy(register: Register) -> None:
    """An operation that copies a file, and may be asked to fail afterwards, or to make more than it tells."""

    @register
    def operation(
        file: Annotated[File, Media("text/csv"), MaxBytes(100)],
        context: Context,
        more: list[File] = [],  # noqa: B006 (nobody changes it)
        fails: bool = False,
        times: int = 1,
    ) -> Copied:
        """Copy a file."""
        for _ in range(times):
            with context.open(file) as stream, context.new_file("copy.csv", "text/csv") as out:
                out.write(stream.read())
        if fails:
            raise OperationError("it is enough", permanent=True)
        return {"file": out.reference}


def body(file: Any, **more: Any) -> dict[str, Any]:
    return {"operation": "throw_away", "arguments": {"file": file, **more}}


def run(api: Api, file: Any, **more: Any) -> Task:
    task_id = api.post("/tasks/", body(file, **more)).json["id"]
    task = Task.objects.get(id=task_id)
    execute(task.id, task.priority, NODE)
    return Task.objects.get(id=task_id)


def refusal(api: Api, file: Any, **more: Any) -> dict[str, Any]:
    [error] = api.post("/tasks/", body(file, **more)).json["errors"]
    assert error["pointer"].startswith(("#/arguments/file", "#/arguments/more"))
    found: dict[str, Any] = error
    return found


class TestSubmission:
    def test_a_file_of_the_project_is_taken_and_noted(self, api: Api) -> None:
        file = a_file()
        task_id = api.post("/tasks/", body(reference(file), more=[reference(file)])).json["id"]
        [use] = FileUse.objects.all()
        assert (use.file_id, str(use.task_id), use.direction) == (file.id, task_id, "in")

    def test_what_is_not_there_is_refused(self, api: Api) -> None:
        unknown = {"$file": str(uuid4())}
        assert refusal(api, unknown)["code"] == "unknown_file"
        assert "GET /files/ lists them" in refusal(api, unknown)["detail"]
        assert refusal(api, reference(a_file(project_id=make_project("other").id)))["code"] == "unknown_file"
        assert refusal(api, reference(a_file(expires_at=Now())))["code"] == "unknown_file"
        assert refusal(api, reference(a_file(draft_of=uuid4())))["code"] == "unknown_file"
        assert Task.objects.count() == 0

    def test_an_upload_that_is_not_finished_is_refused(self, api: Api) -> None:
        new = NewFile(name="table.csv", media_type="text/csv", project_id=DEFAULT_PROJECT_ID)
        row = begin(new, 3)
        Row.objects.filter(id=row.id).update(offset=1)
        error = refusal(api, reference(row))
        assert error["code"] == "unfinished_file"
        assert '1 of 3 bytes of "table.csv" have come' in error["detail"]

    def test_what_does_not_fit_is_refused(self, api: Api) -> None:
        assert refusal(api, reference(a_file(name="a.png", media_type="image/png")))["code"] == "wrong_media"
        assert refusal(api, reference(a_file(bytes(101))))["code"] == "file_too_large"

    def test_the_newest_of_a_name_is_recorded_by_its_id(self, api: Api) -> None:
        a_file(name="daily-1.csv")
        newest = a_file(b"2", name="daily-2.csv")
        a_file(name="weekly.csv")
        a_file(name="daily-3.csv", project_id=make_project("other").id)
        task = api.post("/tasks/", body({"$file": {"newest": "daily-*.csv"}})).json
        assert task["arguments"]["file"] == reference(newest)

    def test_or_there_is_none(self, api: Api) -> None:
        a_file(name="daily-1.csv", created_at=Now() - timedelta(hours=2))
        error = refusal(api, {"$file": {"newest": "daily-*.csv", "max_age_seconds": 3_600}})
        assert error["code"] == "unknown_file"
        assert "there is no file daily-*.csv that is at most 3600 seconds old" in error["detail"]

    @pytest.mark.parametrize("pattern", ["da_ly-1.csv", "%", "daily-1.cs", "DAILY-1.CSV", "\\*"])
    def test_of_all_characters_only_the_star_stands_for_others(self, api: Api, pattern: str) -> None:
        a_file(name="daily-1.csv")
        assert refusal(api, {"$file": {"newest": pattern}})["code"] == "unknown_file"

    def test_a_batch_asks_once_for_all_of_its_files(
        self, api: Api, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        files = [a_file(bytes([number])) for number in range(5)]
        unknown = {"$file": str(uuid4())}
        items = [body(reference(file)) for file in [*files, *files]] + [body(unknown)]
        # 1. the files; 2. begin; 3. the tasks; 4. what they read; 5. commit
        with django_assert_num_queries(5):
            answer = api.post("/tasks/batch-request/", items).json
        assert len(answer["tasks"]) == 10
        [refused] = answer["errors"]
        assert refused["errors"][0]["pointer"] == "#/10/arguments/file"
        assert FileUse.objects.count() == 10


class TestARun:
    def test_reads_and_makes(self, api: Api) -> None:
        file = a_file(b"x,y\n")
        task = run(api, reference(file))
        assert task.status == Status.SUCCESS
        shown = api.get(f"/tasks/{task.id}/").json
        made = Row.objects.get(task_id=task.id)
        assert shown["result"] == {"file": reference(made)}
        assert shown["files"] == {
            "in": [{"id": str(file.id), "name": "table.csv", "media_type": "text/csv", "size": 4}],
            "out": [{"id": str(made.id), "name": "copy.csv", "media_type": "text/csv", "size": 4}],
        }
        assert made.draft_of is None
        assert made.content_id == file.content_id

    def test_what_the_result_does_not_name_is_gone(self, api: Api) -> None:
        task = run(api, reference(a_file()), times=3)
        assert task.status == Status.SUCCESS
        assert [reference(row) for row in Row.objects.filter(task_id=task.id)] == [
            (task.result or {})["file"]
        ]

    def test_a_failed_attempt_leaves_nothing(self, api: Api, files_folder: Path) -> None:
        task = run(api, reference(a_file()), fails=True)
        assert task.status == Status.FAILURE
        assert not Row.objects.filter(task_id=task.id).exists()
        assert list((files_folder / "incoming").iterdir()) == []

    def test_what_is_void_leaves_nothing(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        task_id = api.post("/tasks/", body(reference(a_file()))).json["id"]
        project_of = file_uses.project_of

        def taken_away(task: Any) -> int:
            Task.objects.filter(id=task_id).update(run_token=uuid4())
            return project_of(task)

        monkeypatch.setattr(file_uses, "project_of", taken_away)
        assert execute(Task.objects.get(id=task_id).id, 5, NODE) is None
        assert not Row.objects.filter(task_id=task_id).exists()

    def test_a_file_that_was_deleted_meanwhile_fails_for_good(self, api: Api) -> None:
        file = a_file()
        task_id = api.post("/tasks/", body(reference(file))).json["id"]
        file.delete()
        task = Task.objects.get(id=task_id)
        execute(task.id, task.priority, NODE)
        error = error_of(Task.objects.get(id=task_id))
        assert (error["type"], error["permanent"]) == ("file_missing", True)
        assert "is not there any more" in error["message"]
        assert api.get(f"/tasks/{task_id}/").json["files"] == {"in": [], "out": []}

    def test_bytes_that_are_gone_fail_for_good(self, api: Api, files_folder: Path) -> None:
        file = a_file()
        assert file.content
        (files_folder / file.content.key).unlink()
        error = error_of(run(api, reference(file)))
        assert (error["type"], error["permanent"]) == ("file_missing", True)

    def test_a_full_disk_is_no_loss(self, api: Api, settings: Any) -> None:
        file = a_file()
        settings.FILES_KEEP_FREE_BYTES = 2**60
        error = error_of(run(api, reference(file)))
        assert (error["type"], error["permanent"]) == ("storage_full", False)
        assert Row.objects.count() == 1


class TestWhatItCosts:
    def test_to_those_without_files_nothing(
        self, api: Api, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(1):
            task_id = api.post("/tasks/", {"operation": "4+7"}).json["id"]
        with django_assert_num_queries(1):
            assert "files" not in api.get(f"/tasks/{task_id}/").json
        with django_assert_num_queries(2):
            execute(UUID(task_id), 5, NODE)

    def test_to_those_with_files_one_when_read(
        self, api: Api, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        task = run(api, reference(a_file()))
        with django_assert_num_queries(2):
            answer = api.get(f"/tasks/{task.id}/")
        tag = answer.headers["ETag"]
        assert api.get(f"/tasks/{task.id}/", if_none_match=tag).status == 304
        Row.objects.filter(task_id=task.id).delete()
        assert api.get(f"/tasks/{task.id}/", if_none_match=tag).status == 200


class TestRetention:
    def test_what_lost_attempts_have_left_goes(self, api: Api) -> None:
        task_id = api.post("/tasks/", body(reference(a_file()))).json["id"]
        token = uuid4()
        Task.objects.filter(id=task_id).update(
            status="STARTED", run_token=token, node_id=NODE, started_at=Now(), dispatch_at=None, attempt=1
        )
        made = a_file(b"made", draft_of=token, task_id=task_id, created_at=Now() - timedelta(hours=1))
        lost = a_file(b"lost", draft_of=uuid4(), task_id=task_id, created_at=Now() - timedelta(hours=1))
        assert forget_drafts(10) == 1
        assert set(Row.objects.filter(id__in=[made.id, lost.id])) == {made}

    def test_a_file_that_a_task_is_to_read_stays(self, api: Api) -> None:
        needed, old = a_file(), a_file(b"old")
        api.post("/tasks/", body(reference(needed)))
        Row.objects.update(expires_at=Now() - timedelta(seconds=1))
        assert forget_old_files(10) == 1
        assert list(Row.objects.all()) == [needed]
        assert not Row.objects.filter(id=old.id).exists()

    def test_a_file_that_is_read_is_kept_as_if_it_were_new(self, api: Api) -> None:
        soon = now() + timedelta(minutes=1)
        file = a_file(expires_at=soon)
        api.post("/tasks/", body(reference(file)))
        file.refresh_from_db()
        assert file.expires_at > soon + timedelta(days=1)

    def test_a_task_that_is_forgotten_reads_nothing_any_more(self, api: Api) -> None:
        task_id = api.post("/tasks/", body(reference(a_file()))).json["id"]
        assert api.delete(f"/tasks/{task_id}/").status == 204
        assert not FileUse.objects.exists()
        task = run(api, reference(a_file()))
        Task.objects.filter(id=task.id).update(finished_at=Now() - timedelta(days=400))
        assert forget_old_tasks() == 1
        assert not FileUse.objects.exists()
