"""Keeps those who try out keys from asking the database each time."""

import threading
import time
from collections import OrderedDict

MOST_UNKNOWN = 20
WINDOW_SECONDS = 10
MOST_ADDRESSES = 10_000
MOST_KNOWN = 10_000


class Guessing:
    """Counts unknown keys by address. Ids that were found once are let through: a guest behind the same address as
    somebody who guesses is not shut out."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str | None, tuple[float, int]] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def seconds_to_wait(self, address: str | None, key_id: str) -> int:
        """Until the next one from there is looked at; 0: this one is."""
        began, count = self._counts.get(address, (0.0, 0))
        left = began + WINDOW_SECONDS - time.monotonic()
        if count < MOST_UNKNOWN or left <= 0 or key_id in self._known:
            return 0
        return int(left) + 1

    def found(self, key_id: str) -> None:
        """There is a key with this id."""
        if key_id not in self._known:
            with self._lock:
                self._known[key_id] = None
                if len(self._known) > MOST_KNOWN:
                    self._known.popitem(last=False)

    def missed(self, address: str | None) -> None:
        """There is none."""
        now = time.monotonic()
        with self._lock:
            began, count = self._counts.pop(address, (now, 0))
            fresh = now - began < WINDOW_SECONDS
            self._counts[address] = (began, count + 1) if fresh else (now, 1)
            if len(self._counts) > MOST_ADDRESSES:
                self._counts.popitem(last=False)

    def forget(self) -> None:
        """As if nobody had come."""
        with self._lock:
            self._counts.clear()
            self._known.clear()


guessing = Guessing()
