"""Ports, and whether one may listen there."""

import errno
import os
import socket
import time

LOOPBACK = "127.0.0.1"


def obstacle(setting: str, port: int, host: str) -> str | None:
    """Why no server could listen now on the port that `setting` has, and how to mend it. None where one could."""
    match _error(port, host):
        case None:
            return None
        case errno.EADDRINUSE:
            other = next((each for each in range(port + 1, 65_536) if not _error(each, host)), free_port())
            return f"{setting}: port {port} is taken: choose another, for instance {setting}={other}"
        case errno.EACCES:
            return f"{setting}: only root may listen on port {port}: choose one from 1024 on"
        case errno.EADDRNOTAVAIL:
            return f"HOST: {host} is no address of this machine: use one that it has, such as 127.0.0.1"
        case error:
            return f"HOST: cannot listen on {host}, port {port}: {os.strerror(error)}"


def lasting_obstacle(setting: str, port: int, host: str, seconds: float) -> str | None:
    """The same, unless it is soon gone. A process that was killed holds its port for a moment."""
    deadline = time.monotonic() + seconds
    while _error(port, host) == errno.EADDRINUSE and time.monotonic() < deadline:
        time.sleep(0.05)
    return obstacle(setting, port, host)


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback now."""
    return _error(port, LOOPBACK) is None


def free_port() -> int:
    """Some port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def _error(port: int, host: str) -> int | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do it: connections of a server that just ended are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno
    return None
