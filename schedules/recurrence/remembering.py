"""What a rule has worked out and keeps for the next time, shared by all threads without a lock.

Each step on a dict is whole in itself. So whoever uses a memory looks into it once, and goes on with what it found or
made, never with a second look: meanwhile another thread may have added the same, or made room.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

from .spec import RuleSpec

Key = TypeVar("Key")
Value = TypeVar("Value")
Function = TypeVar("Function", bound=Callable[..., Any])

MANY, FEW = 4_096, 64
LONG = 2_000
"""A longer rrule, of hundreds of dates, is one of few."""


def remembered(function: Function) -> Function:
    """As ``lru_cache``, for what depends on a rule: thousands of usual length are kept, but few long ones."""
    usual, long = lru_cache(MANY)(function), lru_cache(FEW)(function)

    @wraps(function)
    def answer(spec: RuleSpec, *rest: Hashable) -> Any:
        return (long if len(spec.rrule or "") > LONG else usual)(spec, *rest)

    return cast("Function", answer)


def keep(memory: dict[Key, Value], key: Key, value: Value, most: int) -> Value:
    """Remember a value, and of others hardly more than `most`. The value."""
    if len(memory) >= most:
        memory.clear()
    memory[key] = value
    return value
