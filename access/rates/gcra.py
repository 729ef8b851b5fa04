"""The arithmetic of rate limits: the generic cell rate algorithm (GCRA). Pure, and all in whole microseconds.

Of a limit one number is kept: when all of it is there again. Each request moves that on by a step, `window / limit`,
and none may move it further from now than the window. So all of a limit may be used at once, and comes back bit by bit.
`shared.SCRIPT` reckons in the same way.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

SECOND = 1_000_000
MOST_REQUESTS = 1_000_000
LONGEST_WINDOW_SECONDS = 86_400
_RATE = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    limit: int
    window_seconds: int

    @property
    def step(self) -> int:
        """What one request takes."""
        return self.window_seconds * SECOND // self.limit

    @property
    def whole(self) -> int:
        """What all of them take."""
        return self.step * self.limit

    def exceeds(self, other: "Rate") -> bool:
        """Whether it lets through more than `other`, at once or in the long run."""
        return (
            self.limit > other.limit or self.limit * other.window_seconds > other.limit * self.window_seconds
        )

    def __str__(self) -> str:
        return f"{self.limit}/{self.window_seconds}"


def rate_of(text: str) -> Rate:
    """A rate as a setting has it: `600/60` is 600 requests in 60 seconds. Raises ValueError."""
    found = _RATE.fullmatch(text)
    rate = Rate(int(found[1]), int(found[2])) if found else None
    if (
        rate is None
        or not 1 <= rate.limit <= MOST_REQUESTS
        or not 1 <= rate.window_seconds <= LONGEST_WINDOW_SECONDS
    ):
        raise ValueError(
            f"must be requests/seconds such as 600/60, at most {MOST_REQUESTS} in at most {LONGEST_WINDOW_SECONDS}"
        )
    return rate


class Limit(NamedTuple):
    """Whose rate it is: a key's, a project's or an address's, and which one's."""

    kind: str
    of: str
    rate: Rate


class Ask(NamedTuple):
    """A request meets a limit, and would take so much of it."""

    limit: Limit
    cost: int

    @property
    def takes(self) -> int:
        """In microseconds."""
        return self.cost * self.limit.rate.step


class Verdict(NamedTuple):
    """Whether each of several limits lets a request pass, which then takes of all of them; else of none.

    `used`: of each limit what had been taken before.
    """

    passes: bool
    used: Sequence[int]


def used_of(rate: Rate, whole_at: int, now: int) -> int:
    """What has been taken of a limit that is whole again at this time."""
    return min(max(whole_at - now, 0), rate.whole)


def judge(asks: Sequence[Ask], used: Sequence[int]) -> Verdict:
    """Whether a request passes all of its limits."""
    return Verdict(all(lacks(ask, taken) == 0 for ask, taken in zip(asks, used, strict=True)), used)


def lacks(ask: Ask, used: int) -> int:
    """How long it takes until a limit lets the request pass."""
    return max(used + ask.takes - ask.limit.rate.whole, 0)


class Standing(NamedTuple):
    """How somebody stands with a limit: how many requests are left, and in how many seconds there will be more.

    That is when the request would pass, where this limit refused it; else, when all of the limit is there again.
    """

    limit: Limit
    left: int
    seconds: int
    refuses: bool


def standings(asks: Sequence[Ask], verdict: Verdict) -> list[Standing]:
    """After a verdict, of each limit."""
    found = []
    for ask, before in zip(asks, verdict.used, strict=True):
        rate, lacking = ask.limit.rate, lacks(ask, before)
        used = before + ask.takes if verdict.passes else before
        seconds = -(-(lacking or used) // SECOND)
        found.append(Standing(ask.limit, (rate.whole - used) // rate.step, seconds, lacking > 0))
    return found
