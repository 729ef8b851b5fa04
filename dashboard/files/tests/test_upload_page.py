"""`/ui/files/upload/`: a file from a form, which no other site can send."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from access.models import AuditEvent
from files.models import File, FileContent
from testing.access import Browser, logged_in, make_person, make_project
from testing.files import BYTES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]

PATH = "/ui/files/upload/"


@pytest.fixture
def browser() -> Browser:
    """Of somebody who may read and write files."""
    make_person(role="developer")
    return logged_in()


def form(content: bytes = BYTES, name: str = "a.csv", **fields: str) -> dict[str, Any]:
    return {**fields, "file": SimpleUploadedFile(name, content, "text/csv")}


def nothing_is_kept(folder: Path) -> None:
    assert not File.objects.exists()
    assert not FileContent.objects.exists()
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_comes_by_a_form(browser: Browser) -> None:
    answer = browser.send(PATH, form())
    file = File.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/ui/files/{file.id}/")
    assert (file.name, file.media_type, file.size) == ("a.csv", "text/csv", len(BYTES))
    event = AuditEvent.objects.get(action="file.create")
    assert (event.actor_name, event.target_id) == ("ada", str(file.id))
    assert "a.csv" in browser.read(answer["Location"])


def test_in_open_mode_and_with_a_name_of_its_own() -> None:
    answer = Browser().send(PATH, form(name="../../etc/passwd") | {"name": "b.csv"})
    assert answer.status_code == 303
    assert File.objects.get().name == "b.csv"


def test_into_the_project_of_the_path() -> None:
    project = make_project("acme")
    path = "/ui/projects/acme/files/upload/"
    assert Browser().send(path, form()).status_code == 303
    assert File.objects.get().project_id == project.id


def test_sent_twice_it_is_there_once(browser: Browser) -> None:
    found = re.search(r'name="once" value="(\w{32})"', browser.read(PATH))
    assert found
    first, again = (browser.send(PATH, form(once=found[1])) for _ in range(2))
    assert first["Location"] == again["Location"]
    assert File.objects.count() == 1
    other = browser.send(PATH, form(b"c,d\n", once=found[1]))
    assert other["Location"] != first["Location"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({}, "a form with a file in it"),
            (form(b""), "must have the bytes of the file, and is empty"),
            (form() | {"name": "../a"}, "not a path"),
            (form() | {"second": SimpleUploadedFile("b.csv", BYTES)}, "one file, got several"),
        ],
    )
    def test_what_is_wrong_is_told(
        self, browser: Browser, files_folder: Path, fields: dict[str, Any], said: str
    ) -> None:
        answer = browser.send(PATH, fields)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        nothing_is_kept(files_folder)
        # The form that is shown again works.
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())
        assert token
        sent = browser.client.post(PATH, form(csrfmiddlewaretoken=token[1]))
        assert sent.status_code == 303

    def test_a_form_without_a_file_is_not_the_file(self, browser: Browser, files_folder: Path) -> None:
        token = browser.token(PATH)
        body = f"csrfmiddlewaretoken={token}&name=a.csv"
        answer = browser.client.post(PATH, body, "application/x-www-form-urlencoded")
        assert answer.status_code == 422
        nothing_is_kept(files_folder)

    @pytest.mark.parametrize("token", [None, "", "x" * 64])
    def test_without_the_token_of_a_form_nothing_is_kept(
        self, browser: Browser, files_folder: Path, token: str | None
    ) -> None:
        browser.read(PATH)
        fields = form() if token is None else form(csrfmiddlewaretoken=token)
        assert browser.client.post(PATH, fields).status_code == 403
        nothing_is_kept(files_folder)

    def test_nor_in_open_mode(self, files_folder: Path) -> None:
        assert Browser().client.post(PATH, form()).status_code == 403
        nothing_is_kept(files_folder)

    def test_who_has_not_logged_in_is_not_read(self, browser: Browser, files_folder: Path) -> None:
        fields = form(csrfmiddlewaretoken=browser.token(PATH))
        answer = Browser().client.post(PATH, fields)
        assert (answer.status_code, answer["Location"]) == (303, "/ui/login/")
        nothing_is_kept(files_folder)

    def test_too_large(self, browser: Browser, files_folder: Path, settings: Settings) -> None:
        settings.FILES_MAX_BYTES = 4
        answer = browser.send(PATH, form())
        assert answer.status_code == 413
        assert "must have at most 4 bytes" in answer.content.decode()
        nothing_is_kept(files_folder)

    @pytest.mark.parametrize("role", ["viewer", "operator"])
    def test_who_may_not(self, files_folder: Path, role: str) -> None:
        make_person(role=role)
        browser = logged_in()
        assert browser.get(PATH).status_code == 403
        token = browser.token("/ui/")
        assert browser.client.post(PATH, form(csrfmiddlewaretoken=token)).status_code == 403
        nothing_is_kept(files_folder)


def test_who_may_write_but_not_read_stays_at_the_form() -> None:
    make_person(role="submitter")
    answer = logged_in().send(PATH, form())
    assert (answer.status_code, answer["Location"]) == (303, PATH)
    assert str(File.objects.get().id) in answer.cookies["punctual_toast"].value
