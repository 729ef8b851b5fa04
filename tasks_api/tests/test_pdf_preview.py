"""A page of a PDF is looked at before a task reads all of them."""

import pytest

from files import pdf_looks
from files.actions.storing import store
from operations.pdf.tests.samples import sample
from testing.access import make_key, make_project
from testing.api import Api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]
PATH = "/operations/pdf_to_csv/preview/"
KNOWN = sample(7, is_ruled=False)


def pdf(
    content: bytes = KNOWN.pdf, media_type: str = "application/pdf", project_id: int = 1
) -> dict[str, str]:
    return {"$file": str(store([content], "a.pdf", media_type, project_id).id)}


def test_the_tables_of_a_page_are_told() -> None:
    answer = Api().post(PATH, {"file": pdf(), "page": -1})
    assert answer.status == 200
    found = answer.json
    (table,) = found["tables"]
    assert found["page"] == 2
    assert (table["strategy"], table["rows"], table["columns"]) == ("unruled", 7, 5)
    assert table["first_rows"] == KNOWN.tables[1]
    assert len(found["words"]) > 30


def test_a_page_without_tables_is_an_answer() -> None:
    answer = Api().post(PATH, {"file": pdf(), "strategy": "ruled"})
    assert (answer.status, answer.json["tables"]) == (200, [])


@pytest.mark.parametrize(
    ("content", "media_type", "page", "code"),
    [
        (b"no pdf", "application/pdf", 1, "not_a_pdf"),
        (b"%PDF-1.7 nothing", "application/pdf", 1, "damaged"),
        (KNOWN.pdf, "application/pdf", 3, "no_such_pages"),
        (KNOWN.pdf, "application/pdf", 0, "no_such_pages"),
        (KNOWN.pdf, "text/csv", 1, "wrong_media"),
    ],
    ids=["no PDF", "damaged", "no such page", "page 0", "another type"],
)
def test_what_is_wrong_with_the_file_is_told_there(
    content: bytes, media_type: str, page: int, code: str
) -> None:
    answer = Api().post(PATH, {"file": pdf(content, media_type), "page": page})
    assert [error[:2] for error in answer.errors()] == [("#/file", code)]


def test_a_file_of_another_project_is_not_there() -> None:
    foreign = make_project("foreign")
    key = make_key("developer", make_project("own")).text
    Api(key).post(PATH, {"file": pdf(project_id=foreign.id)}).problem(404, "not_found")


@pytest.mark.parametrize(
    "body", [{}, {"file": "x"}, {"file": {"$file": "x"}}, {"file": {"$file": 7}, "page": "1"}]
)
def test_a_wrong_body_is_refused(body: dict[str, object]) -> None:
    Api().post(PATH, body).problem(400, "invalid_input")


def test_few_are_looked_at_at_a_time() -> None:
    file = pdf()
    for _ in range(pdf_looks.AT_A_TIME):
        assert pdf_looks.places.acquire(blocking=False)
    try:
        Api().post(PATH, {"file": file}).problem(503, "too_many_previews")
    finally:
        pdf_looks.places.release(pdf_looks.AT_A_TIME)
    assert Api().post(PATH, {"file": file}).status == 200
