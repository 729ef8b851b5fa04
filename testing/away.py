"""Where nobody is."""

from config.stack.ports import LOOPBACK, free_port

__all__ = ["LOOPBACK", "closed_port"]


def closed_port() -> int:
    """A port on which nobody listens."""
    return free_port()
