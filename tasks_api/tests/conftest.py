"""What the tests of tasks share."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import pytest

from operations import catalogue, operation
from testing.clock import Clock, moved_clock
from testing.stack import Stack, running_stack

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


@pytest.fixture
def clock(db: None) -> Iterator[Clock]:
    """The database's clock, which stands still: no second passes, however slow the machine."""
    with moved_clock(datetime.now(UTC)) as clock:
        yield clock


@pytest.fixture(scope="session")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with one worker process, and operations that behave badly, which tests may ill-treat."""
    with running_stack(tmp_path_factory.mktemp("single"), WORKERS="1", APPS="testing") as stack:
        yield stack
