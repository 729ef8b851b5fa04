"""`/problems/`: each kind of problem explained, made from its classes. A problem's `type` leads here."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from django.template.loader import render_to_string
from pydantic import BaseModel, Field
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from rest.error_forms import CONTENT_SECURITY_POLICY, HTML
from rest.from_drf import NotAcceptable
from rest.input import Strict, read_query
from rest.openapi import PUBLIC, Answer, Endpoint, Refusal, documented
from rest.openapi.described import EXAMPLE_REQUEST_ID
from rest.openapi.endpoint import JSON
from rest.openapi.shapes import Code, Line, Text
from rest.problems import KINDS, InvalidInput, NotFound, Problem, type_of
from rest.renderers import JSONRenderer
from rest.views import View
from values.wording import nearest

MOST_KINDS = 1_000
PAGE = "rest/problem.html"


class Case(BaseModel):
    """One way in which a problem of a code comes about."""

    status: Annotated[int, Field(ge=400, le=599, description="The HTTP status.")]
    title: Annotated[Line, Field(description="The status in words.")]
    meaning: Annotated[Text, Field(description="What has happened.")]
    mending: Annotated[Text, Field(description="What the caller can do.")]
    example: Annotated[dict[str, Any] | None, Field(description="A body as it may come.")]


class Kind(BaseModel):
    """All problems of one code."""

    code: Annotated[Code, Field(description="Stable, for programs.")]
    type: Annotated[Line, Field(description="As in the problem: the address of this page.")]
    cases: Annotated[list[Case], Field(max_length=MOST_KINDS)]


class KindList(BaseModel):
    """Every kind of problem."""

    results: Annotated[list[Kind], Field(max_length=MOST_KINDS)]


def explain(code: str) -> dict[str, Any]:
    """What is to be known of a code. Raises NotFound."""
    if code not in KINDS:
        near = nearest(code, KINDS)
        hint = f"did you mean {near}?" if near else "GET /problems/ lists all"
        raise NotFound(f"there is no problem with this code; {hint}")
    return {"code": code, "type": type_of(code), "cases": [_case(kind) for kind in KINDS[code]]}


def _case(kind: type[Problem]) -> dict[str, Any]:
    return {
        "status": int(kind.status),
        "title": kind.status.phrase,
        "meaning": meaning_of(kind),
        "mending": kind.mending,
        "example": None if kind.sample is None else example_of(kind(*kind.sample)),
    }


def meaning_of(kind: type[Problem]) -> str:
    """A class's docstring, without the status in front, as a sentence."""
    text = " ".join((kind.__doc__ or "").split()).partition(": ")[2]
    return text[:1].upper() + text[1:]


def example_of(problem: Problem) -> dict[str, Any]:
    """Its body, as it may come."""
    return {**problem.body, "request_id": EXAMPLE_REQUEST_ID}


class PageRenderer(BaseRenderer):
    """For browsers: the same as a page. `template` and what is shown in it come with the view."""

    media_type = HTML
    format = "html"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        context = renderer_context or {}
        context["response"]["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        kinds = data.get("results", [data])
        for case in (case for kind in kinds for case in kind["cases"]):
            case["example_text"] = json.dumps(case["example"], indent=2, ensure_ascii=False)
        page = {"kinds": kinds, "is_list": "results" in data, "list": type_of("")}
        return render_to_string(PAGE, page).encode()


INVALID_INPUT: dict[str, Any] = {
    "code": "invalid_input",
    "type": "/problems/invalid_input",
    "cases": [
        {
            "status": 400,
            "title": "Bad Request",
            "meaning": meaning_of(InvalidInput),
            "mending": InvalidInput.mending,
            "example": {
                "type": "/problems/invalid_input",
                "title": "Bad Request",
                "status": 400,
                "detail": "priority must be at most 9, got 12",
                "code": "invalid_input",
                "request_id": EXAMPLE_REQUEST_ID,
                "errors": [
                    {"pointer": "#/priority", "code": "max_value", "detail": "must be at most 9, got 12"}
                ],
            },
        }
    ],
}
NOT_ACCEPTABLE = Refusal(
    "The `Accept` header allows none of the formats this path can return.", NotAcceptable([JSON, HTML])
)
FOR_BROWSERS = "Public. A browser gets a page."
LIST_PROBLEMS = Endpoint(
    scope=PUBLIC,
    summary="List what can go wrong",
    description=f"Every kind of problem: what it means and how to mend it. {FOR_BROWSERS}",
    answers={200: Answer("Every kind of problem, by its code.", KindList, {"results": [INVALID_INPUT]})},
    refusals=(NOT_ACCEPTABLE,),
    uses_database=False,
)
GET_PROBLEM = Endpoint(
    scope=PUBLIC,
    summary="Read what a problem means",
    description=f"The `type` of a problem leads here. {FOR_BROWSERS}",
    path={"code": "The `code` of a problem, such as `invalid_input`."},
    answers={200: Answer("What it means, and how to mend it.", Kind, INVALID_INPUT)},
    refusals=(
        NOT_ACCEPTABLE,
        Refusal("There is no such problem.", NotFound("there is no problem with this code")),
    ),
    uses_database=False,
)


class _Pages(View):
    renderer_classes = [JSONRenderer, PageRenderer]


class ProblemList(_Pages):
    """All kinds of problems."""

    @documented(LIST_PROBLEMS)
    def get(self, request: Request) -> Response:
        """All of them, by their codes."""
        read_query(Strict, request.query_params)
        return Response({"results": [explain(code) for code in sorted(KINDS)]})


class ProblemDetail(_Pages):
    """One kind of problem."""

    @documented(GET_PROBLEM)
    def get(self, request: Request, code: str) -> Response:
        """What it means, and how to mend it."""
        read_query(Strict, request.query_params)
        return Response(explain(code))
