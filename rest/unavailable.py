"""What the pages of one's own answer while the database is away. The API's views say it themselves."""

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from rest import commits
from rest.middleware import Handler, current_request_id
from rest.problems import CONTENT_TYPE, OutcomeUnknown, Unavailable, problem_response, unavailable

PAGE = "rest/database_away.html"
HTML = "text/html"


class DatabaseAwayMiddleware:
    """Answers 503 with `Retry-After`: a page where a browser asks for one, a problem elsewhere."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        commits.forget()
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django's hook for what a view raises; None leaves it to others."""
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        problem = unavailable(error)
        response = _page(request, problem) if _wants_page(request) else problem_response(problem)
        patch_vary_headers(response, ["Accept"])
        return response


def _wants_page(request: HttpRequest) -> bool:
    return request.get_preferred_type([CONTENT_TYPE, "application/json", HTML]) == HTML


def _page(request: HttpRequest, problem: Unavailable) -> HttpResponse:
    retry_after = problem.headers["Retry-After"]
    about = {
        "seconds": retry_after,
        "request_id": current_request_id(),
        "is_unknown": problem.code == OutcomeUnknown.code,
    }
    response = render(request, PAGE, about, status=problem.status)
    response["Retry-After"] = retry_after
    return response
