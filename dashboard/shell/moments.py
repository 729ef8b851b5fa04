"""Instants as the API tells them, for `{% instant %}`. Pure."""

from datetime import datetime


def moment(text: str | None) -> datetime | None:
    """Of an answer of the API."""
    return None if text is None else datetime.fromisoformat(text)
