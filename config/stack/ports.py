"""Ports on loopback."""

import socket
import time

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on `port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do it: connections of a server that just ended are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def becomes_free(port: int, host: str, seconds: float) -> bool:
    """Whether a server could listen on `port` soon. A process that was killed holds its port for a moment."""
    deadline = time.monotonic() + seconds
    while not (free := is_free(port, host)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return free


def free_port() -> int:
    """Some port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
