"""An answer that would take too long ends by what it has cost, not by the clock on the wall."""

import time


class CpuBudget:
    """So many seconds of CPU time for what this thread does from now on.

    Not of the clock on the wall: on a busy machine, where a thread waits for its turn or for the database, the same
    request gets the same answer. Where the cost of one step is known in advance, count steps instead, as the searches
    for instants do: then the answer is the same on slow machines, too.
    """

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.thread_time() + seconds

    def is_spent(self) -> bool:
        """Whether nothing is left. Ask it in the thread that began the budget."""
        return time.thread_time() > self._end
