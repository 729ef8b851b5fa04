from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

import pytest

from operations import catalogue, operation

Function = TypeVar("Function", bound=Callable[..., Any])


class Register(Protocol):
    """The decorator that makes operations."""

    def __call__(self, function: Function, /) -> Function: ...


@pytest.fixture
def register() -> Iterator[Register]:
    """The decorator that makes operations, of one called `throw_away` that is gone after the test."""
    before = dict(catalogue._operations)
    yield operation(idempotent=True, timeout_seconds=30, name="throw_away")
    catalogue._operations = before
