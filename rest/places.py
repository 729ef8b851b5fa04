"""Places for those who wait for the network: few in all, and fewer for one address."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from weakref import WeakValueDictionary
from wsgiref.types import WSGIEnvironment

OF_ONE_ADDRESS = 16
"""So many of those who send bodies, or read files, may be of one address: a browser opens six connections."""

STUCK_SECONDS = 0.5
PATIENCE_SECONDS = 5
IPV6_CLIENT_BITS = 64
"""A client of IPv6 has a whole network to choose addresses from."""


class AllTaken(Exception):
    """There is no place, and none becomes free."""


class Places:
    """So many may be here at a time. `of_one`: of these so many from one address; None is nobody's.

    The fewer places are free, the fewer may be of one address, and one that has none is let in as long as there is
    any: so a few addresses cannot take them all.

    Others wait while places change hands, for that is only a crowd. They are refused at once where no place has changed
    hands for `STUCK_SECONDS`, so that those who hold them stop nobody but their own kind.
    """

    def __init__(self, limit: int, of_one: int) -> None:
        self._all = _All(limit)
        self._of_one = of_one
        self._rooms: WeakValueDictionary[str, _OfOne] = WeakValueDictionary()
        self._lock = threading.Lock()

    @contextmanager
    def place(self, address: str | None) -> Iterator[None]:
        """A place until the context ends. Raises AllTaken."""
        if address is None:
            with self._all.place(None):
                yield
            return
        with self._room(address).place(), self._all.place(address):
            yield

    def _room(self, address: str) -> "_OfOne":
        with self._lock:
            room = self._rooms.get(address)
            if room is None:
                room = self._rooms[address] = _OfOne(self._of_one)
            return room


class _OfOne:
    """The places that one address may have. A crowd waits here, so that few wait together with others."""

    def __init__(self, limit: int) -> None:
        self._free = threading.Semaphore(limit)
        self._moved = 0.0

    @contextmanager
    def place(self) -> Iterator[None]:
        if not self._free.acquire(blocking=False) and not self._wait():
            raise AllTaken
        self._moved = time.monotonic()
        try:
            yield
        finally:
            self._moved = time.monotonic()
            self._free.release()

    def _wait(self) -> bool:
        latest = time.monotonic() + PATIENCE_SECONDS
        while (left := min(self._moved + STUCK_SECONDS, latest) - time.monotonic()) > 0:
            if self._free.acquire(timeout=left):
                return True
        return False


class _All:
    """The places that there are."""

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._held: Counter[str | None] = Counter()
        self._moved = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def place(self, address: str | None) -> Iterator[None]:
        with self._changed:
            self._wait_until_it_may(address)
            self._move(address, 1)
        try:
            yield
        finally:
            with self._changed:
                self._move(address, -1)
                self._changed.notify_all()

    def _wait_until_it_may(self, address: str | None) -> None:
        latest = time.monotonic() + PATIENCE_SECONDS
        while not self._may(address):
            left = min(self._moved + STUCK_SECONDS, latest) - time.monotonic()
            if left <= 0:
                raise AllTaken
            self._changed.wait(left)

    def _may(self, address: str | None) -> bool:
        if address is None or not self._held[address]:
            return self._free > 0
        return self._held[address] < self._free // 2

    def _move(self, address: str | None, places: int) -> None:
        self._moved = time.monotonic()
        self._free -= places
        self._held[address] += places
        if not self._held[address]:
            del self._held[address]


def address_of(environ: WSGIEnvironment, *, behind_proxy: bool) -> str | None:
    """Whose request it is, for counting: an address, or a client's network in IPv6; None: nobody knows.

    A proxy that is trusted puts the client's address last into `X-Forwarded-For`; what precedes it anybody may write.
    Where that makes it unreadable, such callers count as one, the proxy: otherwise nothing would limit them.
    """
    client = _client(_told(environ, behind_proxy=behind_proxy))
    return client or _client(_told(environ, behind_proxy=False))


def ip_of(environ: WSGIEnvironment, *, behind_proxy: bool) -> str | None:
    """The very address of the client, of which a key may say that it must be in a network; None: nobody knows it."""
    return _address(_told(environ, behind_proxy=behind_proxy))


def _told(environ: WSGIEnvironment, *, behind_proxy: bool) -> str:
    if not behind_proxy:
        return str(environ.get("REMOTE_ADDR", ""))
    return str(environ.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()


@lru_cache(maxsize=1024)
def _address(text: str) -> str | None:
    try:
        address = ip_address(text[:100])
    except ValueError:
        return None
    return str((address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address)


@lru_cache(maxsize=1024)
def _client(text: str) -> str | None:
    try:
        address = ip_address(text[:100])
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((int(address), IPV6_CLIENT_BITS), strict=False))
