"""What a rule has worked out and keeps for the next time, shared by all threads without a lock.

Each step on a dict is whole in itself. So whoever uses a memory looks into it once, and goes on with what it found or
made, never with a second look: meanwhile another thread may have added the same, or made room.
"""

from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def keep(memory: dict[Key, Value], key: Key, value: Value, most: int) -> Value:
    """Remember a value, and of others hardly more than `most`. The value."""
    if len(memory) >= most:
        memory.clear()
    memory[key] = value
    return value
