"""The operations that come with Punctual. Importing a module registers what it defines."""

from operations import calculate, sleep

__all__ = ["calculate", "sleep"]
