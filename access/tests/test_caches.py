"""No cache gives an answer to anybody but who asked."""

from collections.abc import Mapping

import pytest

from rest.views import FOR_WHO_ASKED
from testing.access import make_key
from testing.api import Answer, Api

pytestmark = pytest.mark.django_db


def varies_by(headers: Mapping[str, str]) -> set[str]:
    return {name.strip().lower() for name in headers["Vary"].split(",")}


def is_for_who_asked(answer: Answer) -> None:
    assert answer.headers["Cache-Control"] == FOR_WHO_ASKED
    assert {"authorization", "x-api-key", "punctual-project"} <= varies_by(answer.headers)


@pytest.mark.parametrize("path", ["/tasks/", "/task-schedules/", "/operations/", "/access/"])
def test_what_is_answered(path: str) -> None:
    answer = Api(make_key().text).get(path)
    assert answer.status == 200
    is_for_who_asked(answer)


def test_refusals() -> None:
    admin, submitter = make_key(), make_key("submitter")
    no_task = "/tasks/01994f3c-8a00-7c3d-9f21-4b1f0a6de851/"
    for text, path, status in (
        (None, "/tasks/", 401),
        (submitter.text, "/keys/", 403),
        (admin.text, no_task, 404),
    ):
        answer = Api(text).get(path)
        assert answer.status == status
        is_for_who_asked(answer)


def test_what_says_so_itself_stays_so() -> None:
    answer = Api(make_key().text).post("/keys/", {"name": "x", "role": "viewer"})
    assert (answer.status, answer.headers["Cache-Control"]) == (201, "no-store")
    assert "x-api-key" in varies_by(answer.headers)
