"""``every_x_*`` in words."""

from schedules.recurrence.spec import EVERY, RuleSpec

from .words import counted, every_few, listed


def interval_in_words(spec: RuleSpec) -> str:
    """`every hour`, `every 90 minutes`, `every 1 day, 2 hours and 30 minutes`."""
    numbers = [(getattr(spec, field), field.removeprefix("every_x_").removesuffix("s")) for field in EVERY]
    given = [(number, unit) for number, unit in numbers if number is not None]
    if len(given) == 1:
        return every_few(*given[0])
    return f"every {listed(counted(*each) for each in given)}"
