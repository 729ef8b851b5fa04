"""Whether a failed try is followed by another, and when. Pure."""

from operations import Backoff


def retry_in(
    *, permanent: bool, attempt: int, final_attempt: int, backoff: Backoff, chance: float
) -> float | None:
    """Seconds until the next try after try number `attempt`; None: there is none. `chance` is in [0, 1)."""
    if permanent or attempt >= final_attempt:
        return None
    return backoff.delay(attempt, chance)
