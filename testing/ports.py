"""Ports for servers of tests, which nobody else gets meanwhile.

The system gives away ports from 32768 on, to whoever asks for any and to each client. So these are lower, and each
process of a test run has some of its own.
"""

import os
from collections.abc import Iterator
from itertools import count

from config.stack.ports import is_free

FIRST, FOR_EACH_PROCESS, PROCESSES = 10_000, 4_000, 5


def _all() -> Iterator[int]:
    """Round and round, beginning where another test run on this machine hardly does."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1
    first = FIRST + process % PROCESSES * FOR_EACH_PROCESS
    return (first + (os.getpid() * 101 + number) % FOR_EACH_PROCESS for number in count())


_ports = _all()


def own_port() -> int:
    """A port on which nobody listens, another one each time."""
    return next(port for port in _ports if is_free(port))
