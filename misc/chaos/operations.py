"""Operations that leave a trace in the ledger: a line before their work and one after it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import Field

from misc.chaos import ledger
from operations import Backoff, Context, OperationError, operation
from testing.misdeeds import MISDEEDS

SOON = Backoff(base_seconds=0.2, factor=1.5, cap_seconds=1.0)
Seconds = Annotated[float, Field(ge=0, le=60)]
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]


def answer(number: int) -> int:
    """What every operation returns, so that the audit can tell a right result."""
    return 3 * number + 1


@contextmanager
def traced(context: Context) -> Iterator[None]:
    """The work of one attempt."""
    ledger.write(context.task_id, context.attempt, ledger.BEGUN)
    yield
    ledger.write(context.task_id, context.attempt, ledger.DONE)


@operation(name="chaos.quick", idempotent=True, timeout_seconds=30, backoff=SOON)
def quick(number: Number, context: Context) -> int:
    """Answer at once."""
    with traced(context):
        return answer(number)


@operation(name="chaos.slow", idempotent=True, timeout_seconds=60, backoff=SOON)
def slow(number: Number, seconds: Seconds, context: Context) -> int:
    """Take some time."""
    with traced(context):
        time.sleep(seconds)
        return answer(number)


@operation(name="chaos.flaky", idempotent=True, timeout_seconds=30, max_attempts=8, backoff=SOON)
def flaky(number: Number, failures: Number, context: Context) -> int:
    """Fail the first few times."""
    with traced(context):
        if context.attempt <= failures:
            raise OperationError(f"try {context.attempt} was to fail")
        return answer(number)


@operation(name="chaos.doomed", idempotent=True, timeout_seconds=30, backoff=SOON)
def doomed(number: Number, context: Context) -> int:
    """Fail for good."""
    with traced(context):
        raise OperationError(f"there is no way to do {number}", permanent=True, type="doomed")


@operation(name="chaos.hanging", idempotent=True, timeout_seconds=0.5, max_attempts=8, backoff=SOON)
def hanging(number: Number, context: Context) -> int:
    """Hang in the first attempt, beyond the time limit."""
    with traced(context):
        if context.attempt == 1:
            time.sleep(60)
        return answer(number)


@operation(name="chaos.once", idempotent=False, timeout_seconds=30)
def once(number: Number, seconds: Seconds, context: Context) -> int:
    """Do what must not be done twice."""
    with traced(context):
        time.sleep(seconds)
        return answer(number)


@operation(name="chaos.steps", idempotent=True, timeout_seconds=60, backoff=SOON)
def steps(number: Number, count: Number, context: Context) -> int:
    """Work in steps, and tell of each."""
    with traced(context):
        for step in range(count):
            context.progress(100 * step / count, f"step {step} of {count}")
            time.sleep(0.1)
        return answer(number)


@operation(name="chaos.misdeed", idempotent=True, timeout_seconds=30, backoff=SOON)
def misdeed(number: Number, which: str, context: Context) -> int:
    """Do the work, then leave the process as no other operation should find it."""
    with traced(context):
        result = answer(number)
    MISDEEDS[which]()
    return result
