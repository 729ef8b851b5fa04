"""What a person sees: the lines of all programs, each with the role that wrote it."""

import os
import select
import threading
from contextlib import suppress
from typing import IO, TextIO

from config.stack.quiet import is_harmless

COLOURS = {
    "punctual": 1,
    "web": 36,
    "worker": 32,
    "sweeper": 33,
    "beat": 35,
    "flower": 34,
    "postgres": 90,
    "valkey": 90,
    "migrate": 90,
}
LOOK_SECONDS = 0.1
WIDTH = max(map(len, COLOURS))


class Console:
    """Writes whole lines, one at a time, whichever thread they come from."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._coloured = stream.isatty() and not os.environ.get("NO_COLOR")
        self._one_at_a_time = threading.Lock()
        self._waits = True

    def say(self, text: str, role: str = "punctual") -> None:
        """Writes lines under a role's name."""
        prefix = self._prefix(role)
        self.print("\n".join(f"{prefix}{line}" for line in text.splitlines()))

    def print(self, text: str) -> None:
        """Writes text as it is."""
        # A reader that went away, as `| head` does, must stop neither us nor the programs.
        with self._one_at_a_time, suppress(OSError, ValueError):
            if self._is_read():
                self._stream.write(text + "\n")
                self._stream.flush()

    def hurry(self) -> None:
        """From now on, leave out what a reader does not take: one that pauses, as `| less`, must not hinder a stop."""
        self._waits = False

    def _is_read(self) -> bool:
        while not select.select([], [self._stream], [], LOOK_SECONDS)[1]:
            if not self._waits:
                return False
        return True

    def follow(self, role: str, output: IO[bytes]) -> threading.Thread:
        """Writes what comes from `output` until it ends."""
        thread = threading.Thread(target=self._copy, args=(role, output), daemon=True)
        thread.start()
        return thread

    def _copy(self, role: str, output: IO[bytes]) -> None:
        with output:
            for line in output:
                text = line.decode(errors="replace").rstrip()
                if text and not is_harmless(role, text):
                    self.say(text, role)

    def _prefix(self, role: str) -> str:
        name = f"{role:{WIDTH}} |"
        return f"\033[{COLOURS[role]}m{name}\033[0m " if self._coloured else f"{name} "
