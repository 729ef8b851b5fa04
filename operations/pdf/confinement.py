"""What the child gives up before it looks at the file. All of it is best effort where the machine has no such thing."""

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

from operations.pdf.options import Limits

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
MOST_OPEN_FILES = 64


def confine(limits: Limits, parent: int) -> None:
    """Bound memory, processor time and files, give up the network, and end when the parent does."""
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        leave_network()
        if os.getppid() != parent:  # it was gone before that
            sys.exit(1)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_NOFILE, MOST_OPEN_FILES)
    _limit(resource.RLIMIT_CPU, int(limits.seconds) + 1)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)


def leave_network() -> bool:
    """Whether this process has none from now on."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET))


def _limit(kind: int, most: int) -> None:
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (most, most))
