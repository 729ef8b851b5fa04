"""`/ui/files/`: what is there, where it comes from, and what is done to it by the actions of the API."""

import re
from collections.abc import Mapping
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from access.models import AuditEvent
from files.models import File
from files.uses import Direction, note
from operations.pdf.tests.samples import sample
from tasks_api.lifecycle import Status
from testing.access import Browser, logged_in, make_person, make_project
from testing.factories import make_task
from testing.files import BYTES, a_file, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]

HOSTILE = "<script>alert(1)<|script>\u202e"
MOST_QUERIES = 12


@pytest.fixture
def browser() -> Browser:
    """Of somebody who may read and write files."""
    make_person(role="developer")
    return logged_in()


def path_of(file: File, rest: str = "") -> str:
    return f"/ui/files/{file.id}/{rest}"


class TestList:
    def test_what_is_told_of_each(self, browser: Browser) -> None:
        task = make_task()
        a_file(name="made.csv", task_id=task.id)
        a_file(name="sent.csv", created_by="key:9Zk3TqLw0bXa")
        page = browser.read("/ui/files/")
        for text in (
            "made.csv",
            "sent.csv",
            "text/csv",
            f"tasks/{task.id}/",
            "key:9Zk3TqLw0bXa",
            "8\xa0bytes",
        ):
            assert text in page

    def test_by_name_and_type(self, browser: Browser) -> None:
        for name in ("daily-1.csv", "daily-2.csv", "other.csv"):
            stored(name)
        page = browser.read("/ui/files/?name=daily-*.csv&media_type=")
        assert "daily-1.csv" in page
        assert "daily-2.csv" in page
        assert "other.csv" not in page
        assert "No file fits" in browser.read("/ui/files/?media_type=application/pdf")

    def test_those_of_one_task(self, browser: Browser) -> None:
        task, file = make_task(), stored("read.csv")
        stored("other.csv")
        note(Direction.IN, [(file.id, task.id)])
        page = browser.read(f"/ui/files/?task={task.id}")
        assert "read.csv" in page
        assert "other.csv" not in page

    @pytest.mark.parametrize("query", ["task=x", "name=" + "a" * 256])
    def test_what_is_no_filter(self, browser: Browser, query: str) -> None:
        answer = browser.get(f"/ui/files/?{query}")
        assert answer.status_code == 422
        assert "notice is-bad" in answer.content.decode()

    def test_its_pages(self, browser: Browser) -> None:
        for number in range(3):
            stored(f"number-{number}.csv")
        page = browser.read("/ui/files/?limit=2&name=number-*")
        assert ["number-0" in page, "number-2" in page] == [False, True]
        [path] = re.findall(r'href="([^"]*cursor[^"]*)" rel="next"', page)
        assert "number-0" in browser.read(path.replace("&amp;", "&").replace("http://testserver", ""))

    def test_it_costs_the_same_for_any_number(
        self, browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(20):
            stored(f"{number}.csv")
        with django_assert_max_num_queries(MOST_QUERIES):
            browser.read("/ui/files/")

    def test_while_there_is_none_it_says_how(self) -> None:
        page = Browser().read("/ui/files/")
        assert "--data-binary @orders.csv" in page

    def test_what_an_attempt_makes_is_not_there(self, browser: Browser) -> None:
        draft = stored("draft.csv", draft_of=uuid4())
        assert "draft.csv" not in browser.read("/ui/files/")
        assert browser.get(path_of(draft)).status_code == 404


class TestOne:
    def test_what_it_is_and_how_it_begins(
        self, browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        file = stored("orders.csv", "item;count\n<b>bolt</b>\u202e;7\n".encode())
        reads, made = make_task(Status.SUCCESS), make_task(Status.FAILURE)
        note(Direction.IN, [(file.id, reads.id), (file.id, uuid4())])
        note(Direction.OUT, [(file.id, made.id)])
        with django_assert_max_num_queries(MOST_QUERIES):
            page = browser.read(path_of(file))
        texts = (
            str(file.sha256),
            "item",
            "&lt;b&gt;bolt",
            f"tasks/{reads.id}/",
            f"tasks/{made.id}/",
            "was deleted",
        )
        for text in (*texts, f'{{"$file": "{file.id}"}}'):
            assert text in page
        assert "\u202e" not in page

    def test_text_and_what_is_neither(self, browser: Browser) -> None:
        text = a_file(b"<script>alert(1)</script>", "a.html", "text/html")
        assert "&lt;script&gt;alert(1)" in browser.read(path_of(text))
        pdf = a_file(sample(7, is_ruled=False).pdf, "a.pdf", "application/pdf")
        page = browser.read(path_of(pdf))
        assert "It has 2 pages." in page
        assert f"preview/?file={pdf.id}" in page
        damaged = a_file(b"%PDF-1.7", "a.pdf", "application/pdf")
        assert "cannot be told" in browser.read(path_of(damaged))
        assert browser.read(path_of(a_file(b"\x00", "a.bin", "application/octet-stream")))

    def test_hostile_names_are_text(self, browser: Browser) -> None:
        file = stored(HOSTILE)
        for path in ("/ui/files/", path_of(file), path_of(file, "delete/")):
            page = browser.read(path)
            assert "<script>alert" not in page
            assert "\u202e" not in page
        assert "<script>alert" not in browser.read(path_of(file, "edit/"))

    def test_one_that_is_on_its_way(self, browser: Browser) -> None:
        file = File.objects.create(
            project_id=1, name="a", media_type="text/csv", size=8, offset=5, expires_at="2100-01-01T00:00:00Z"
        )
        page = browser.read(path_of(file))
        assert "5 of 8 bytes" in page
        assert "Download" not in page
        assert "on its way" in browser.read("/ui/files/")
        assert browser.get(path_of(file, "content/")).status_code == 409

    def test_its_bytes_are_saved_and_never_run(self, browser: Browser) -> None:
        answer = browser.get(path_of(a_file(BYTES, "a.html", "text/html"), "content/"))
        assert b"".join(answer.streaming_content) == BYTES
        assert answer["Content-Disposition"] == 'attachment; filename="a.html"'
        assert answer["Content-Security-Policy"].startswith("sandbox")
        assert answer["X-Content-Type-Options"] == "nosniff"
        again = browser.get(answer.request["PATH_INFO"], headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304

    @pytest.mark.parametrize("rest", ["", "content/", "edit/", "delete/"])
    def test_one_of_another_project_is_not_there(self, browser: Browser, rest: str) -> None:
        file = stored(project_id=make_project("acme").id)
        assert browser.get(path_of(file, rest)).status_code == 404
        assert browser.get(f"/ui/projects/acme/files/{file.id}/").status_code == 200


class TestEdit:
    FIELDS: Mapping[str, str] = {"name": "a.csv", "days": "keep"}

    def test_its_name_and_its_end(self, browser: Browser) -> None:
        file = stored("a.csv")
        answer = browser.send(path_of(file, "edit/"), {"name": "b.csv", "days": "365"})
        assert (answer.status_code, answer["Location"]) == (303, path_of(file))
        changed = File.objects.get()
        assert changed.name == "b.csv"
        assert changed.expires_at > file.expires_at
        assert AuditEvent.objects.get(action="file.update").actor_name == "ada"

    def test_saving_it_changes_nothing(self, browser: Browser) -> None:
        file = stored("a.csv")
        assert 'value="a.csv"' in browser.read(path_of(file, "edit/"))
        assert browser.send(path_of(file, "edit/"), self.FIELDS).status_code == 303
        assert not AuditEvent.objects.filter(action="file.update").exists()

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"name": "../a"}, "not a path"),
            ({"name": ""}, "name"),
            ({"days": "x"}, "must be a whole number, got x"),
            ({"days": "99999999"}, "must be from 1 to 3660 days"),
        ],
    )
    def test_what_is_wrong_is_told(self, browser: Browser, fields: dict[str, str], said: str) -> None:
        file = stored("a.csv")
        answer = browser.send(path_of(file, "edit/"), {**self.FIELDS, **fields})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert File.objects.get().name == "a.csv"


class TestDelete:
    def test_it_is_gone(self, browser: Browser) -> None:
        file = stored("a.csv")
        answer = browser.send(path_of(file, "delete/"), {})
        assert (answer.status_code, answer["Location"]) == (303, "/ui/files/")
        assert not File.objects.exists()
        assert browser.get(path_of(file)).status_code == 404

    def test_one_that_a_task_needs_stays(self, browser: Browser) -> None:
        file, task = stored(), make_task(Status.PENDING)
        note(Direction.IN, [(file.id, task.id)])
        answer = browser.send(path_of(file, "delete/"), {})
        assert answer.status_code == 409
        assert "a task that waits or runs needs the file" in answer.content.decode()
        assert File.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "operator", "submitter"])
def test_who_may_not_read_files_sees_none(role: str) -> None:
    make_person(role=role)
    file, browser = stored(), logged_in()
    for path in ("/ui/files/", path_of(file), path_of(file, "content/")):
        assert browser.get(path).status_code == 403, path
    assert 'href="/ui/files/"' not in browser.read("/ui/")


def test_the_page_of_a_task_tells_its_files(browser: Browser) -> None:
    file, made = stored(HOSTILE), stored("made.csv")
    task = make_task(Status.SUCCESS, arguments={"file": {"$file": str(file.id)}})
    note(Direction.IN, [(file.id, task.id)])
    note(Direction.OUT, [(made.id, task.id)])
    page = browser.read(f"/ui/tasks/{task.id}/")
    assert path_of(file) in page
    assert path_of(made) in page
    assert "\u202e" not in page
    make_person("eve", role="viewer")
    hidden = logged_in("eve").read(f"/ui/tasks/{task.id}/")
    assert "made.csv" not in hidden
    assert path_of(made) not in hidden
