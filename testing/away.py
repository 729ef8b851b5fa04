"""Where nobody is."""

from config.stack.ports import LOOPBACK
from testing.ports import own_port

__all__ = ["LOOPBACK", "closed_port"]


def closed_port() -> int:
    """A port on which nobody listens, nor will."""
    return own_port()
