"""Requests of somebody in particular, in a project of his."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import Mock, patch

from access.actor import NOBODY, Actor, ActorKind
from access.door import Door
from access.scopes import ALL_SCOPES
from tasks_api.origin import origin_of

ORIGIN = origin_of(NOBODY)
"""Of what is submitted in open mode."""
OURS = Actor(ActorKind.KEY, 7, "17", "ours", scopes=ALL_SCOPES)
THEIRS = Actor(ActorKind.KEY, 8, "18", "theirs", scopes=ALL_SCOPES)
"""Of two projects, neither of which is the default one."""


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """The requests of this thread are from `actor`."""
    with patch.object(Door, "authenticate", Mock(return_value=(actor, None))):
        yield
