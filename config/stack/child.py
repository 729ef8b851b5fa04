"""A program that is restarted when it dies."""

import subprocess
import threading
import time
from collections.abc import Callable

from config.stack.console import Console
from config.stack.errors import StackError
from config.stack.programs import Program, kill_group

LONGEST_PAUSE_SECONDS = 30
STEADY_SECONDS = 60


class Child:
    """Keeps one program running, from a thread of its own: a program ends with the thread it came from."""

    def __init__(self, role: str, make: Callable[[], Program], console: Console, changed: Callable[[], None]):
        self.role = role
        self.ends = 0
        self._make = make
        self._console = console
        self._changed = changed
        self._change = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._program: Program | None = None
        self._thread = threading.Thread(target=self._keep_running, name=role, daemon=True)

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        process = self._process
        return process.pid if process else None

    def start(self) -> None:
        """Starts the program, and from now on starts it again."""
        self._thread.start()

    def stop(self) -> None:
        """Asks the program to end, and starts it no more. Returns at once."""
        with self._change:
            self._stopping.set()
            if self._process and self._program:
                self._process.send_signal(self._program.stop_signal)

    def wait(self, seconds: float) -> bool:
        """Whether the program and all that it started are gone within so many seconds."""
        if self._thread.ident is not None:
            self._thread.join(max(seconds, 0))
        return not self._thread.is_alive()

    def kill(self) -> None:
        """Ends the program at once, and starts it no more."""
        self._stopping.set()
        if process := self._process:
            kill_group(process)

    def _keep_running(self) -> None:
        pause = 1
        while not self._stopping.is_set():
            began = time.monotonic()
            outcome = self._run_once()
            self.ends += 1
            if time.monotonic() - began > STEADY_SECONDS:
                pause = 1
            if not self._stopping.is_set():
                self._console.say(f"{self.role} {outcome}; restarting it in {pause} s")
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _run_once(self) -> str:
        try:
            process = self._begin()
        except StackError as error:
            return f"did not start: {error}"
        if process is None:
            return "was not started"
        output = self._console.follow(self.role, process.stdout) if process.stdout else None
        self._changed()
        code = process.wait()
        kill_group(process)
        if output:
            output.join(1)
        self._process = None
        self._changed()
        return f"ended by signal {-code}" if code < 0 else f"ended with code {code}"

    def _begin(self) -> subprocess.Popen[bytes] | None:
        with self._change:
            if self._stopping.is_set():
                return None
            self._program = self._make()
            process = self._process = self._program.start(subprocess.PIPE)
            return process
