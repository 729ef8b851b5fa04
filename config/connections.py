"""How many connections a web process holds, and how many of its threads wait for the network."""

import resource
from contextlib import suppress

FILE_SENDERS = 64
"""Threads that send files to those who read them slowly."""

MOST_CONNECTIONS = 16_384
FEWEST_CONNECTIONS = 64
FILES_BESIDES = 1_024
"""For databases, brokers, bodies that wait in files, and what Python has open."""


def most_connections() -> int:
    """How many may be open. Idle ones count, so this is far above the number of threads, and below that of files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return min(MOST_CONNECTIONS, max(hard - FILES_BESIDES, hard // 2, FEWEST_CONNECTIONS))


def raise_limit_of_files() -> None:
    """As far as this process may. Shells often give it 1,024 where it may have many more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + FILES_BESIDES
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        with suppress(ValueError, OSError):  # macOS has another limit below this one
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
