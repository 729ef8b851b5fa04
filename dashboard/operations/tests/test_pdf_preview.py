"""`/ui/operations/pdf_to_csv/preview/`: the tables of a page, drawn over it."""

import pytest

from files.actions.storing import store
from operations.pdf.tests.samples import ruled
from testing.access import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("broker", "files_folder")]
PATH = "/ui/operations/pdf_to_csv/preview/"
ROWS = [["Item", "Quantity"], ["<b>Bolt</b>", "7"]]


def stored(content: bytes) -> str:
    return str(store([content], "a.pdf", "application/pdf", 1).id)


def test_it_begins_with_a_form() -> None:
    page = Browser().read(PATH)
    assert 'name="file"' in page
    assert "pdf-page" not in page
    assert PATH in Browser().read("/ui/operations/pdf_to_csv/")


def test_tables_are_drawn_and_told() -> None:
    page = Browser().read(f"{PATH}?file={stored(ruled(ROWS))}&page=-1")
    assert page.count('class="pdf-table"') == 1
    assert page.count('class="pdf-word"') == 4
    assert "2 rows, 2 columns, ruled, confidence 1.0" in page
    assert "&lt;b&gt;Bolt&lt;/b&gt;" in page
    assert "<b>Bolt</b>" not in page


@pytest.mark.parametrize(
    ("content", "query", "told"),
    [
        (b"no pdf", "", "does not begin like a PDF"),
        (ruled(ROWS), "&page=x", "must be a whole number"),
        (ruled(ROWS), "&page=9", "there is no page 9"),
        (ruled(ROWS), "&strategy=none", "strategy"),
    ],
    ids=["no PDF", "no number", "no such page", "no such strategy"],
)
def test_what_is_wrong_is_told_beside_the_form(content: bytes, query: str, told: str) -> None:
    answer = Browser().get(f"{PATH}?file={stored(content)}{query}")
    assert answer.status_code == 422
    assert told in answer.content.decode()


@pytest.mark.parametrize("file", ["x", "01994f3c-8a00-7c3d-9f21-4b1f0a6de851"])
def test_a_file_that_is_not_there(file: str) -> None:
    answer = Browser().get(f"{PATH}?file={file}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
