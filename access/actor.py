"""Who a request is from, as a value. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum

from access.rates.gcra import Rate
from access.restrictions import NO_RESTRICTIONS, Restrictions
from access.scopes import ALL_SCOPES

DEFAULT_PROJECT_ID = 1
"""The project of whoever names none: its row is made by a migration."""
DEFAULT_PROJECT = "default"


class ActorKind(StrEnum):
    """What an actor is."""

    NOBODY = "nobody"
    """Open mode: there is no key and no person yet, and whoever reaches this service may do everything."""
    KEY = "key"
    PERSON = "person"
    SYSTEM = "system"
    """Punctual itself, or somebody at its command line."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and in which project. Queries begin with `project_id`.

    `is_bound`: the actor belongs to that project, and may name no other.
    """

    kind: ActorKind
    project_id: int = DEFAULT_PROJECT_ID
    id: str | None = None
    name: str = ""
    project: str = DEFAULT_PROJECT
    is_bound: bool = False
    is_frozen: bool = False
    """Whether the project is read-only."""
    project_rate: Rate | None = None
    """How often everybody together may ask in the project. None: as often as is usual."""
    quotas: tuple[tuple[str, int], ...] = ()
    """Limits of the project, by their names."""
    role: str | None = None
    scopes: frozenset[str] = frozenset()
    restrictions: Restrictions = NO_RESTRICTIONS
    text_digest: bytes | None = field(default=None, repr=False)
    """Of a key: SHA-256 of the text that it came with, which may be the one from before it was rotated."""
    session: bytes | None = field(default=None, repr=False)
    """Of a person: SHA-256 of what the cookie of their browser says."""
    address: str | None = None
    """From where it asks, as the audit log tells it; `door.acting` says so of a request."""
    user_agent: str | None = None

    def quota(self, name: str) -> int | None:
        """A limit of the project; None: there is none."""
        return dict(self.quotas).get(name) if self.quotas else None

    def may(self, scope: str) -> bool:
        """Whether it has this scope."""
        return scope in self.scopes

    @property
    def author(self) -> str | None:
        """As rows say who made them, such as `key:17`; None: nobody who could be told."""
        return None if self.id is None else f"{self.kind}:{self.id}"


NOBODY = Actor(ActorKind.NOBODY, scopes=ALL_SCOPES)
SYSTEM = Actor(ActorKind.SYSTEM, scopes=ALL_SCOPES)
ANYONE = Actor(ActorKind.NOBODY)
"""Whoever asks for what is public. Nobody looks who it is."""
