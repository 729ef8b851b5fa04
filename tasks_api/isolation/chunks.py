"""Requests that change many rows: in chunks, each of which commits by itself."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from tasks_api.isolation.refusals import Refused
from tasks_api.postgres.failed_statements import log_failure

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Changed:
    """How many rows were changed, or would be, whether these are all, and how many of them the database refused."""

    count: int
    complete: bool
    failed: int = 0


Tell = Callable[..., None]
"""Writes down, once, that many are changed; with `count`, how many."""


def telling_once(
    change: Callable[[Sequence[UUID]], int], chosen: Sequence[UUID], tell: Tell
) -> Callable[[Sequence[UUID]], int]:
    """`change`, which tells of all that were chosen in the transaction of the first chunk that is changed.

    So nothing is changed without a trace, even if what comes after that is cut off.
    """
    is_told = False

    def change_and_tell(chunk: Sequence[UUID]) -> int:
        nonlocal is_told
        if is_told:
            return change(chunk)
        with transaction.atomic():
            count = change(chunk)
            if count:
                tell(count=count if len(chunk) == len(chosen) else len(chosen))
        is_told = bool(count)
        return count

    return change_and_tell


def change_in_chunks(
    ids: Sequence[UUID], most: int, size: int, change: Callable[[Sequence[UUID]], int], refused: Refused
) -> Changed:
    """Change the first `most` rows, `size` at a time: nobody else waits for long, and what was done is done.

    `change` says how many it changed, and tells `refused` of the others. Raises what it raises, unless the database
    goes away after something was done: that nothing was, as an error would say, is not true.
    """
    count, chosen = 0, ids[:most]
    for start in range(0, len(chosen), size):
        began = time.monotonic()
        try:
            count += change(chosen[start : start + size])
        except (OperationalError, InterfaceError) as error:
            if not count:
                raise
            seconds, then = time.monotonic() - began, f"done to {count} of them"
            log_failure(logger, error, doing=refused.doing, seconds=seconds, then=then)
            return Changed(count, complete=False, failed=refused.count)
    return Changed(count, complete=len(ids) <= most, failed=refused.count)
