"""Whether a failed try is followed by another, and when. Pure."""

from operations import Backoff


def retry_in(
    *, permanent: bool, tries: int, max_attempts: int, backoff: Backoff, chance: float
) -> float | None:
    """Seconds until the next try after so many `tries`; None: there is none. `chance` is in [0, 1)."""
    if permanent or tries >= max_attempts:
        return None
    return backoff.delay(tries, chance)
