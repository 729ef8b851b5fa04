"""The `type` of every problem leads to what explains it."""

import re

import pytest

from rest.problem_pages import example_of, meaning_of
from rest.problems import KINDS, Problem
from testing.api import JSON, Api
from testing.openapi import Auditor, document

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
OURS = ("rest.", "access.", "tasks_api.", "schedules.", "config.")
CLASSES = [
    pytest.param(kind, id=kind.__qualname__)
    for kinds in KINDS.values()
    for kind in kinds
    if kind.__module__.startswith(OURS)
]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_problem_is_explained(kind: type[Problem]) -> None:
    """A new class of problems fails here until it says what it means, what can be done, and how it looks."""
    assert re.match(rf"{int(kind.status)}: \w", kind.__doc__ or ""), "its docstring begins with its status"
    assert meaning_of(kind).endswith(".")
    assert kind.mending.endswith("."), "`mending` says what the caller can do"
    assert kind.sample is not None, "`sample` holds the arguments of an example"
    problem = kind(*kind.sample)
    assert (problem.code, problem.status) == (kind.code, kind.status)
    assert problem.body["type"] == f"/problems/{kind.code}"


def test_every_documented_problem_has_its_page(auditor: Auditor) -> None:
    codes = {
        example["code"]
        for operation in document().operations
        for status, response in operation.responses.items()
        if status >= 400
        for example in response["examples"].values()
    }
    assert len(codes) >= 10
    for code in codes:
        kind = auditor.get(f"/problems/{code}/").json
        assert kind["code"] == code
        for case in kind["cases"]:
            assert (
                document().problems_of({"$ref": "#/definitions/Problem"}, without_more(case["example"])) == []
            )


def without_more(example: dict[str, object]) -> dict[str, object]:
    """A problem without what only this kind of it holds."""
    shared = {"type", "title", "status", "detail", "code", "request_id"}
    return {name: value for name, value in example.items() if name in shared}


def test_the_type_of_a_real_problem_answers(api: Api) -> None:
    problem = api.get("/tasks/?colour=red").problem(400, "invalid_input")
    answer = api.get(problem["type"])
    assert answer.status == 200
    case = answer.json["cases"][0]
    assert (case["status"], case["title"]) == (400, "Bad Request")
    assert case["example"].keys() == problem.keys()


def test_all_are_listed(auditor: Auditor) -> None:
    kinds = auditor.get("/problems/").json["results"]
    assert [kind["code"] for kind in kinds] == sorted(KINDS)
    for kind in kinds:
        assert auditor.get(f"{kind['type']}/").json == kind


def test_unknown_codes_are_told_the_nearest(auditor: Auditor) -> None:
    assert "did you mean conflict?" in auditor.get("/problems/conflikt/").problem(404, "not_found")["detail"]


@pytest.mark.parametrize("path", ["/problems/", "/problems/conflict/", "/problems/conflict"])
def test_browsers_get_pages(path: str, api: Api) -> None:
    answer = api.get(path, accept=BROWSER)
    page = answer.content.decode()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Read the thing again and decide anew" in page
    assert "http:" not in page


@pytest.mark.parametrize("accept", ["*/*", JSON, "application/*"])
def test_others_get_json(accept: str, api: Api) -> None:
    assert api.get("/problems/conflict/", accept=accept).json["code"] == "conflict"


def test_pages_of_errors_lead_there(api: Api) -> None:
    page = api.get("/nowhere", accept=BROWSER).content.decode()
    assert 'href="/problems/not_found"' in page


def test_what_nobody_explains_is_about_blank() -> None:
    unknown = Problem("it is odd")
    unknown.code = "odd"
    assert example_of(unknown)["type"] == "about:blank"
