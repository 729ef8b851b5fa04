"""The view that ours begin with: what is raised in it becomes a problem by one table."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rest.guarding import PROJECT_HEADER
from rest.problems import FieldError, InvalidInput

Refusals = Mapping[type[Exception], Callable[[Any], Exception]]
"""What an exception of a type, or of one below it, is to a caller. The classes of problems take its text."""


FOR_WHO_ASKED = "private, no-cache"
"""Of caches, only that of whoever asked may keep an answer, and asks each time whether it is still true: HTTP itself
protects none where the key comes in `X-Api-Key`."""
WHO_ASKS = ("Authorization", "X-Api-Key", PROJECT_HEADER)


def refusal_of(error: Exception, refusals: Refusals) -> Exception:
    """The problem that a table makes of `error`; itself, where the table does not name it."""
    named = [kind for kind in type(error).__mro__ if kind in refusals]
    return refusals[named[0]](error) if named else error


class View(APIView):
    """Lets exceptions pass; `refusals` makes problems of them."""

    refusals: ClassVar[Refusals] = MappingProxyType({})

    def refuse(self, error: Exception) -> Exception:
        """The problem that `refusals` makes of `error`; itself, where they do not name it."""
        return refusal_of(error, self.refusals)

    def handle_exception(self, exc: Exception) -> Response:
        """DRF's hook for what a method raises."""
        return super().handle_exception(self.refuse(exc))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """DRF's hook for what a method answers or raises: no answer is for others than who asked."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", FOR_WHO_ASKED)
        patch_vary_headers(answer, WHO_ASKS)
        return answer


def invalid(field: str, code: str) -> Callable[[Exception], InvalidInput]:
    """For a table: an exception whose text says what was expected of this field of the body, and what came."""
    return lambda error: InvalidInput([FieldError((field,), code, str(error))])
