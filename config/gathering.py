"""Several things to read, of which all that is wrong is told at once."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def all_of(*reads: Callable[[], Any]) -> list[Any]:
    """What each of them returns.

    Raises ImproperlyConfigured with the lines of all that raise that, or ValueError.
    """
    found: list[Any] = []
    wrong: list[str] = []
    for read in reads:
        try:
            found.append(read())
        except (ValueError, ImproperlyConfigured) as error:
            wrong.append(str(error))
    if wrong:
        raise ImproperlyConfigured("\n".join(wrong))
    return found
