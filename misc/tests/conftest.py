"""A stack with one worker process, where the order in which tasks run can be told, and with the examples."""

from collections.abc import Iterator

import pytest

from testing.stack import PROJECT, Stack, running_stack


@pytest.fixture(scope="session")
def one_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Its tests belong to the group `one_worker`, so that they share it."""
    folder = tmp_path_factory.mktemp("one-worker")
    settings = {
        "WORKERS": "1",
        "APPS": "examples.feedback,examples.invoices,examples.shop",
        "COMMANDS_FILE": str(PROJECT / "examples/commands.toml"),
        "LOAD_TARGETS_FILE": str(PROJECT / "examples/invoices/targets.toml"),
        "SECRETS": '{"database_url": ["load_csv"]}',
    }
    with running_stack(folder, **settings) as running:
        yield running
