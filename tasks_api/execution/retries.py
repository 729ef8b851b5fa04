"""Whether a failed attempt is followed by another, and when. Pure."""

from operations import Backoff

MAX_RETRY_AFTER_SECONDS = 86_400
"""An operation cannot put its task off for longer."""


def retry_in(
    *,
    permanent: bool,
    tries: int,
    max_attempts: int,
    backoff: Backoff,
    chance: float,
    retry_after: float = 0,
) -> float | None:
    """Seconds until the next attempt after so many `tries`; None: there is none. `chance` is in [0, 1).

    `retry_after`: what the operation itself asked for, at least.
    """
    if permanent or tries >= max_attempts:
        return None
    return max(backoff.delay(tries, chance), min(retry_after, MAX_RETRY_AFTER_SECONDS))
