"""The operation `sleep`: for trying things out, and for tests."""

import time
from typing import Annotated

from pydantic import Field

from operations.catalogue import operation
from operations.definition import Example

MAX_SECONDS = 86_400


@operation(idempotent=True, timeout_seconds=90_000, examples=[Example({"seconds": 0.5}, 0.5)])
def sleep(
    seconds: Annotated[
        float, Field(ge=0, le=MAX_SECONDS, description="How long, in seconds; fractions too.")
    ],
) -> float:
    """Wait for some seconds, then return how many."""
    time.sleep(seconds)
    return seconds
