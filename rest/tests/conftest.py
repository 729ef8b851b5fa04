from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture
def try_out(settings: Settings) -> None:
    """The addresses of `rest.tests.urls` instead of our own."""
    settings.ROOT_URLCONF = f"{Path(__file__).parent.parent.name}.tests.urls"
