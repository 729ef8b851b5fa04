"""Any rule in plain English."""

from .describe import describe

__all__ = ["describe"]
