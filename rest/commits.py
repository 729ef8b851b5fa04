"""Whether this request may have changed something for good: for answers that tell of a database that went away."""

from typing import Any

from django.db import connection


def forget() -> None:
    """A request begins."""
    _connection().may_have_committed = False


def may_have_happened() -> bool:
    """Whether a change was committed since, or nobody knows whether it was."""
    return bool(getattr(_connection(), "may_have_committed", False))


def _connection() -> Any:
    """This thread's; the backend keeps the note (`tasks_api.postgres`)."""
    return connection
