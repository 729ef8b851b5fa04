"""What a line belongs to: the request that is being answered in its thread, or the attempt that its process runs."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class _Running:
    """The attempt that this process runs. Not of a thread: whatever an operation starts belongs to it."""

    def __init__(self) -> None:
        self.fields: Mapping[str, Any] = {}
        self.others: frozenset[int | None] = frozenset()
        """The threads that were there before, of earlier attempts perhaps."""


_running = _Running()


@contextmanager
def running(*, task_id: str, operation: str, attempt: int) -> Iterator[None]:
    """Within, lines belong to this attempt, except those of threads that were there before."""
    before = _running.fields, _running.others
    here = threading.get_ident()
    _running.others = frozenset(each.ident for each in threading.enumerate() if each.ident != here)
    _running.fields = {"task_id": task_id, "operation": operation, "attempt": attempt}
    try:
        yield
    finally:
        _running.fields, _running.others = before


def attempt_here() -> Mapping[str, Any]:
    """`task_id`, `operation` and `attempt` of what runs, for a line of this thread; empty if nothing does."""
    fields = _running.fields
    return {} if fields and threading.get_ident() in _running.others else fields
