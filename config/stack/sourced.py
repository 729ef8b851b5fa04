"""Settings that a shell has from a `stack.env`. They are for commands about that stack, not for a stack of one's own.

Without this, `set -a; . .punctual/stack.env` would make every later `make run` and `make test` of that shell use
the servers of that stack, or, once it has stopped, servers that are not there.
"""

import hashlib
from collections.abc import Mapping, MutableMapping

VARIABLE = "STACK_ENV"
"""Has the name and a digest of the value of each setting in the file. Whatever is set anew later has another digest."""


def signed(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings, and the variable by which they are known again."""
    return {**settings, VARIABLE: " ".join(f"{name}:{_digest(value)}" for name, value in settings.items())}


def forget(environment: MutableMapping[str, str]) -> list[str]:
    """Remove the settings that come from a `stack.env`. Their names."""
    listed = (each.partition(":") for each in environment.pop(VARIABLE, "").split())
    sourced = [
        name for name, _, digest in listed if name in environment and _digest(environment[name]) == digest
    ]
    for name in sourced:
        del environment[name]
    return sourced


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode(errors="surrogateescape")).hexdigest()[:16]
