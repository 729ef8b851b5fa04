"""Times as people say them. Pure; `dashboard.js` says the same."""

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def relative_words(seconds: float) -> str:
    """`3 min ago`, `in 2 h`, `now`: from now on, in the past where it is negative."""
    length = abs(seconds)
    if length < 1:
        return "now"
    words = _largest(length)
    return f"in {words}" if seconds > 0 else f"{words} ago"


def _largest(length: float) -> str:
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if length >= unit:
            return f"{length // unit:.0f} {name}"
    return f"{length // 1:.0f} s"


def duration_words(seconds: float) -> str:
    """`12 ms`, `1.50 s`, `2 min 5 s`, `3 h 4 min`, `2 d 3 h`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < MINUTE:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    for unit, name, below, small in (
        (DAY, "d", HOUR, "h"),
        (HOUR, "h", MINUTE, "min"),
        (MINUTE, "min", 1, "s"),
    ):
        if seconds >= unit:
            rest = seconds % unit // below
            return f"{seconds // unit:.0f} {name}" + (f" {rest:.0f} {small}" if rest else "")
    raise AssertionError
