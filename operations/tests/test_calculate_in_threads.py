"""Expressions are read in many threads at once, as the web server does."""

import gc
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from operations import arithmetic

THREADS, TIMES = 4, 200
LONG = "+".join(["1"] * 100)


class Garbage:
    """Collected in the middle of something else, and lets other threads go on there."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        time.sleep(0.0005)


@pytest.fixture
def much_garbage() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(20)
    yield
    gc.set_threshold(*before)


def test_they_do_not_disturb_each_other(much_garbage: None) -> None:
    together = threading.Barrier(THREADS)

    def read() -> None:
        together.wait(30)
        for _ in range(TIMES):
            Garbage()
            arithmetic.check(LONG)

    with ThreadPoolExecutor(THREADS) as threads:
        for each in [threads.submit(read) for _ in range(THREADS)]:
            each.result()
