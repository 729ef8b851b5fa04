"""The operations that come with Punctual. Importing a module registers what it defines."""

from operations import calculate, numbers, sleep

__all__ = ["calculate", "numbers", "sleep"]
