"""What the pages of one's own answer while the database is away. The API's views say it themselves."""

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from rest import commits
from rest.middleware import Handler
from rest.problems import problem_response
from rest.unavailable import unavailable


class DatabaseAwayMiddleware:
    """Answers 503 with `Retry-After`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        commits.forget()
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:  # noqa: ARG002 (Django passes it)
        """Django's hook for what a view raises; None leaves it to others."""
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        return problem_response(unavailable(error))
