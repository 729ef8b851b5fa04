"""Files that pages send to the API themselves, with the token of a form in a header."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from files.models import File
from testing.access import Browser, logged_in, make_person
from testing.files import BYTES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]

PATH = "/ui/api/files/"


def form(**fields: str) -> dict[str, object]:
    return {**fields, "file": SimpleUploadedFile("a.csv", BYTES, "text/csv")}


@pytest.fixture
def browser() -> Browser:
    """Of somebody who may write files."""
    make_person(role="developer")
    return logged_in()


def test_a_form_is_read_by_the_view_alone(browser: Browser) -> None:
    answer = browser.client.post(PATH, form(), headers={"X-CSRFToken": browser.token("/ui/")})
    assert answer.status_code == 201, answer.content
    assert File.objects.get().size == len(BYTES)


def test_a_token_in_the_form_does_not_count(browser: Browser, files_folder: Path) -> None:
    answer = browser.client.post(PATH, form(csrfmiddlewaretoken=browser.token("/ui/")))
    assert answer.status_code == 403
    assert not File.objects.exists()
    assert not [path for path in files_folder.rglob("*") if path.is_file()]
