"""Exceptions become problems by a view's table."""

import json

import pytest
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response

from rest.problems import Conflict, NotFound
from rest.views import View, invalid


class Raising(View):
    """Raises what its table names, and what it does not."""

    refusals = {
        LookupError: Conflict,
        KeyError: NotFound,
        ValueError: invalid("until", "too_early"),
        OSError: lambda error: error,
    }

    def get(self, request: Request, error: Exception) -> Response:
        raise error


class RaisingToo(Raising):
    """One table builds on another."""

    refusals = {**Raising.refusals, LookupError: NotFound}


def answer(view: type[View], error: Exception) -> tuple[int, str, str]:
    response = view.as_view()(RequestFactory().get("/"), error=error)
    body = json.loads(response.content)
    return response.status_code, body["code"], body["detail"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (LookupError("it is gone"), (409, "conflict", "it is gone")),
        (IndexError("a type below"), (409, "conflict", "a type below")),
        (KeyError("the nearest type counts"), (404, "not_found", "'the nearest type counts'")),
        (ValueError("must be later"), (400, "invalid_input", "until must be later")),
        (NotFound("a problem is one already"), (404, "not_found", "a problem is one already")),
    ],
)
def test_the_text_of_an_exception_is_told(error: Exception, expected: tuple[int, str, str]) -> None:
    assert answer(Raising, error) == expected


@pytest.mark.parametrize("error", [RuntimeError("secret"), OSError("secret")])
def test_of_what_is_not_named_or_given_back_nothing_is_told(error: Exception) -> None:
    status, code, detail = answer(Raising, error)
    assert (status, code) == (500, "internal_error")
    assert "secret" not in detail


def test_a_view_may_say_otherwise() -> None:
    assert answer(RaisingToo, IndexError("it is gone")) == (404, "not_found", "it is gone")
    assert answer(RaisingToo, ValueError("must be later"))[0] == 400
