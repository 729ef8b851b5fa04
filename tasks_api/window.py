"""How many messages of one priority the broker holds; whatever else is due waits in Postgres. Pure."""

from dataclasses import dataclass

WINDOW = 2_000
"""The most, however fast tasks begin."""
SMALLEST = 20
IDLE = 200
"""Of a priority of which nothing waits: a second of starts, as long as nobody knows how many those are."""
FOR_EACH_SLOT = 2
"""For each task that workers run at once there are at least so many messages."""
NEARLY_DRY = 1 / 4
"""With less than that of it left, it may have been the window that held the workers up."""
ROOMY = 3 / 4
"""With no more of it used and nothing left to wait, tasks pass to the broker as they come again."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of one priority: how many messages the broker may hold, and how many it does."""

    priority: int
    size: int
    is_open: bool
    """Whether tasks pass to the broker as they come, for nothing older waits."""
    filled: int
    """How many messages there were after it was filled up last; 0: that was before it was open last."""
    seconds: float
    """How long ago that was."""
    sent: int
    """How many there are now: tasks with a message that is on its way, waits or is lost."""
    has_backlog: bool

    @property
    def needs_care(self) -> bool:
        """Whether it is to be filled, opened, closed, or put back to the size of an idle one."""
        return not self.is_open or self.has_backlog or self.sent >= self.size or self.is_of_other_times

    @property
    def is_of_other_times(self) -> bool:
        """Whether nothing goes on, and it is as large as it was when something did."""
        return self.is_open and not self.has_backlog and not self.sent and self.size != IDLE


@dataclass(frozen=True, slots=True)
class Filling:
    """What was done about one window: its size now, how many messages there are, and how many of them are new."""

    priority: int
    size: int
    sent: int
    taken: int
    is_through: bool
    """Whether nothing seems to be left to wait, and there is room for what comes."""


def resized(window: Window, slots: int) -> int:
    """The size at which a window holds about a second of starts, by what was begun since it was filled up last.

    It grows at once and shrinks within about a second, as a lull may be no more than that.
    """
    least = min(WINDOW, max(SMALLEST, FOR_EACH_SLOT * slots))
    if not window.filled:
        return max(least, window.size)
    in_a_second = max(0, window.filled - window.sent) / max(window.seconds, 0.001)
    if window.sent < NEARLY_DRY * window.size:
        in_a_second = max(in_a_second, 2 * window.size)
    if in_a_second < window.size:
        in_a_second = window.size - (window.size - in_a_second) * min(1.0, window.seconds)
    return max(least, min(WINDOW, round(in_a_second)))
