"""The view that ours begin with: what is raised in it becomes a problem by one table."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from rest_framework.response import Response
from rest_framework.views import APIView

from rest.problems import FieldError, InvalidInput

Refusals = Mapping[type[Exception], Callable[[Any], Exception]]
"""What an exception of a type, or of one below it, is to a caller. The classes of problems take its text."""


class View(APIView):
    """Lets exceptions pass; `refusals` makes problems of them."""

    refusals: ClassVar[Refusals] = MappingProxyType({})

    def refuse(self, error: Exception) -> Exception:
        """The problem that `refusals` makes of `error`; itself, where they do not name it."""
        named = [kind for kind in type(error).__mro__ if kind in self.refusals]
        return self.refusals[named[0]](error) if named else error

    def handle_exception(self, exc: Exception) -> Response:
        """DRF's hook for what a method raises."""
        return super().handle_exception(self.refuse(exc))


def invalid(field: str, code: str) -> Callable[[Exception], InvalidInput]:
    """For a table: an exception whose text says what was expected of this field of the body, and what came."""
    return lambda error: InvalidInput([FieldError((field,), code, str(error))])
