"""What the tests of requests share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from operations import OperationError, testing
from testing.peers import LOOPBACK_ALLOWED, trusting

Ask = Callable[..., Any]


@pytest.fixture
def loopback_allowed() -> Iterator[None]:
    """The operator allows requests to this machine."""
    with testing.configured(http=LOOPBACK_ALLOWED):
        yield


@pytest.fixture
def ask(loopback_allowed: None) -> Ask:
    """Runs `http_request` with these arguments, as a worker does, and returns its result."""

    def run(url: str, *, secrets: dict[str, str] | None = None, **arguments: Any) -> Any:
        return testing.run("http_request", {"url": url, **arguments}, secrets=secrets).result

    return run


@pytest.fixture
def failing(ask: Ask) -> Ask:
    """Runs `http_request`, which is to fail, and returns its error."""

    def run(*arguments: Any, **named: Any) -> OperationError:
        with pytest.raises(OperationError) as failure:
            ask(*arguments, **named)
        return failure.value

    return run


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody knows."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    """The file by which an operator trusts it."""
    return trusting(authority, tmp_path)
