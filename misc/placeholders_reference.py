"""What a date in arguments may be written with, as tables."""

from collections.abc import Iterator
from datetime import UTC, datetime

from schedules.recurrence.zones import timeline
from schedules.template.placeholders import DIRECTIVES, Moments, render

ZONE = timeline("Europe/Berlin").zone
SHOWN = Moments(datetime(2026, 3, 29, 7, 5, tzinfo=UTC))


def text() -> str:
    """A line for each directive, and what becomes of it at one instant, in Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield f"| directive | meaning | {_written('%F %T')} in Berlin |"
    yield "|---|---|---|"
    for name, directive in DIRECTIVES.items():
        yield f"| `{name}` | {directive.meaning} | `{_written(name)}` |"


def _written(form: str) -> str:
    written: str = render({"text": f"{{{{ scheduled_for:{form} }}}}"}, SHOWN, ZONE)["text"]
    return written
