"""The options of commands for how often somebody may ask."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from access.api.rate_forms import RateForm, as_kept
from rest.input import read_body
from rest.problems import InvalidInput


def add_rate(parser: ArgumentParser) -> None:
    """Both or none."""
    parser.add_argument("--rate-limit", type=int, metavar="N", help="at most so many requests")
    parser.add_argument("--rate-window-seconds", type=int, metavar="N", help="in so many seconds")


def rate_of(options: Mapping[str, Any]) -> dict[str, int] | None:
    """As it is stored; None: as often as is usual. Raises CommandError."""
    given = {"limit": options["rate_limit"], "window_seconds": options["rate_window_seconds"]}
    if None in given.values():
        if any(value is not None for value in given.values()):
            raise CommandError("--rate-limit and --rate-window-seconds belong together: give both")
        return None
    try:
        return as_kept(read_body(RateForm, given))
    except InvalidInput as error:
        raise CommandError(f"rate: {error}") from None
