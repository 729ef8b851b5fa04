"""Every error has the same form, whoever refused: a problem; a page with the same facts where a browser asks."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from rest.from_drf import MethodNotAllowed
from rest.middleware import Handler
from rest.problems import CONTENT_TYPE, Problem, problem_of, problem_response

PAGE = "rest/error.html"
HTML = "text/html"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)


class ErrorFormMiddleware:
    """Makes problems of errors without a body, and pages of problems for browsers. Other bodies are left alone."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return response if response.status_code < HTTPStatus.BAD_REQUEST else _in_form(request, response)


def _in_form(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if _is_bare(response):
        response = _with_body(request, response)
    if response.headers.get("Content-Type") != CONTENT_TYPE:
        return response
    if _wants_page(request):
        _become_page(response)
    patch_vary_headers(response, ["Accept"])
    response["Content-Length"] = str(len(response.content))
    return response


def _is_bare(response: HttpResponse) -> bool:
    """WhiteNoise says nothing of the type, and sends no file."""
    return "Content-Type" not in response if response.streaming else not response.content


def _with_body(request: HttpRequest, bare: HttpResponse) -> HttpResponse:
    response = problem_response(_problem(request, bare))
    kept = {name: value for name, value in bare.items() if not name.startswith("Content-")}
    for name, value in kept.items():
        response.headers.setdefault(name, value)
    return response


def _problem(request: HttpRequest, bare: HttpResponse) -> Problem:
    if bare.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = bare.headers.get("Allow", "GET, HEAD")
        return MethodNotAllowed(request.method, allowed.split(", "))
    title = bare.reason_phrase
    return problem_of(HTTPStatus(bare.status_code), title.lower().replace(" ", "_"), title.lower())


def _wants_page(request: HttpRequest) -> bool:
    return request.get_preferred_type([CONTENT_TYPE, "application/json", HTML]) == HTML


def _become_page(response: HttpResponse) -> None:
    problem: dict[str, Any] = json.loads(response.content)
    about = {
        **problem,
        "errors": [_summarize(error) for error in problem.get("errors", ())],
        "retry_after": response.headers.get("Retry-After"),
    }
    response.content = render_to_string(PAGE, about).encode()
    response["Content-Type"] = f"{HTML}; charset=utf-8"
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY


def _summarize(error: dict[str, Any]) -> dict[str, str]:
    """One of a problem's errors, or of an item of a batch."""
    where = error.get("pointer") or error.get("parameter") or f"#/{error.get('index', '')}"
    inner = error.get("errors") or [error]
    return {"where": where, "detail": "; ".join(str(each.get("detail", "")) for each in inner)}
