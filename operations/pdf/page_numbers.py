"""Which pages are meant: `1-3,7,-1`."""

import re

PATTERN = r"^-?[1-9][0-9]{0,5}(-[1-9][0-9]{0,5})?(,-?[1-9][0-9]{0,5}(-[1-9][0-9]{0,5})?)*$"
_PART = re.compile(r"(-?\d+)(?:-(\d+))?")


def chosen(text: str | None, count: int) -> list[int]:
    """The numbers of those of `count` pages that `text` means, in order, each once; None means all.

    A negative number counts from the end. What is beyond the end is left out.
    """
    if text is None:
        return list(range(1, count + 1))
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no page and no range of pages")
        first = int(match[1])
        first = first if first > 0 else count + 1 + first
        last = int(match[2]) if match[2] else first
        found.update(range(max(first, 1), min(last, count) + 1))
    return sorted(found)
