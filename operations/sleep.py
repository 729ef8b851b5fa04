"""The operation `sleep`: for trying things out, and for tests."""

import time
from typing import Annotated

from pydantic import Field

from operations.catalogue import operation
from operations.context import Context
from operations.definition import Example

MAX_SECONDS = 86_400
STEP_SECONDS = 0.5


@operation(idempotent=True, timeout_seconds=90_000, examples=[Example({"seconds": 0.5}, 0.5)])
def sleep(
    seconds: Annotated[
        float, Field(ge=0, le=MAX_SECONDS, description="How long, in seconds; fractions too.")
    ],
    context: Context,
) -> float:
    """Wait for some seconds, then return how many."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > STEP_SECONDS:
        time.sleep(STEP_SECONDS)
        context.progress(round(100 * (1 - (left - STEP_SECONDS) / seconds), 1))
    time.sleep(max(left, 0))
    return seconds
