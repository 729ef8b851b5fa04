"""What is shown instead of a page, in words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access.pages.page import CONTENT_SECURITY_POLICY
from access.pages.refused import STALE
from dashboard.shell.sections import ROOT
from rest import handlers
from rest.problems import Forbidden, NotFound, Problem, problem_response

API = f"{ROOT}api/"


def refused_page(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem as a page. It asks the database for nothing, which may be what is away."""
    errors = problem.extra.get("errors") or []
    context = {
        "problem": problem,
        "errors": errors if len(errors) > 1 else [],
        "base": getattr(getattr(request, "place", None), "base", ROOT),
        "body": problem.body,
    }
    response = render(request, "dashboard/refused.html", context, status=problem.status)
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    for name, value in problem.headers.items():
        response[name] = value
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404: a page for the paths of pages, and for all others what the API says."""
    return _page_or(
        request, handlers.not_found(request, exception), NotFound("there is no page at this address")
    )


def _page_or(request: HttpRequest, answer: HttpResponse, problem: Problem) -> HttpResponse:
    return refused_page(request, problem) if is_page(request) else answer


def is_page(request: HttpRequest) -> bool:
    """Whether what is asked for is for people, by its path."""
    return request.path_info.startswith(ROOT) and "/api/" not in request.path_info


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """Django's CSRF_FAILURE_VIEW."""
    problem = Forbidden(STALE)
    return refused_page(request, problem) if is_page(request) else problem_response(problem)
