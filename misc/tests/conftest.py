"""A stack with one worker process, where the order in which tasks run can be told."""

from collections.abc import Iterator

import pytest

from testing.stack import Stack, running_stack


@pytest.fixture(scope="session")
def one_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Its tests belong to the group `one_worker`, so that they share it."""
    with running_stack(tmp_path_factory.mktemp("one-worker"), WORKERS="1") as running:
        yield running
