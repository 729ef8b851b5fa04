"""Counts the requests that one process answers. Knows no clock."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from access.rates.gcra import Ask, Verdict, judge, used_of

MOST = 10_000
"""Of each kind: whoever comes from many addresses makes no key forgotten."""


class Memory:
    """When each limit is whole again. The latest `MOST` of a kind are kept."""

    def __init__(self) -> None:
        self._whole_at: dict[str, OrderedDict[str, int]] = {}
        self._lock = threading.Lock()

    def take(self, asks: Sequence[Ask], now: int) -> Verdict:
        """Of all limits, or of none. `now` is in microseconds."""
        with self._lock:
            used = [used_of(ask.limit.rate, self._of(ask).get(ask.limit.of, 0), now) for ask in asks]
            verdict = judge(asks, used)
            if verdict.passes:
                for ask, taken in zip(asks, used, strict=True):
                    if taken + ask.takes:
                        self._keep(ask, now + taken + ask.takes)
        return verdict

    def _of(self, ask: Ask) -> OrderedDict[str, int]:
        return self._whole_at.setdefault(ask.limit.kind, OrderedDict())

    def _keep(self, ask: Ask, whole_at: int) -> None:
        kept = self._of(ask)
        kept[ask.limit.of] = whole_at
        kept.move_to_end(ask.limit.of)
        if len(kept) > MOST:
            kept.popitem(last=False)
