"""Members of a short stretch as the bits of one integer, a second each: sets are joined and counted at once."""


def ones(length: int) -> int:
    """Every second of a stretch."""
    return (1 << length) - 1


def spaced(first: int, step: int, length: int) -> int:
    """`first` and every `step` seconds after it, as far as `length` seconds reach."""
    if first >= length:
        return 0
    found, reach = 1 << first, step
    while first + reach < length:
        found |= found << reach
        reach *= 2
    return found & ones(length)


def moved(bits: int, by: int) -> int:
    """The same, so many seconds later; what would come before the stretch begins is left out."""
    return bits << by if by >= 0 else bits >> -by
