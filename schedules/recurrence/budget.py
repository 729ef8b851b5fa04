"""How much a search may cost, counted in steps, so that the same rule ends the same way on any machine."""

SEARCH_STEPS = 20_000
"""For one search: well under 100 ms, and enough to walk the 4,800 months of the calendar's cycle."""

PARSE_STEPS = 2 * SEARCH_STEPS
"""For all that the lines of an rrule are searched for, however many they are, when it is read."""

COUNT_STEPS = 10 * SEARCH_STEPS
"""For counting a range: what is shifted out of a gap may meet what is there, so it is counted one by one."""

CHEAP_COUNT_STEPS = 2 * SEARCH_STEPS
"""For counting what is only shown."""


class OutOfBudget(Exception):
    """A search took more steps than it may."""


class Budget:
    """The steps that a search has left. A step takes some microseconds."""

    __slots__ = ("left",)

    def __init__(self, steps: int = SEARCH_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Take steps; raises `OutOfBudget` when there are none left."""
        self.left -= steps
        if self.left < 0:
            raise OutOfBudget
