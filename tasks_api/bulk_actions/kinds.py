"""What a bulk action can do, as a value: each kind says how it counts, and what a turn of it does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from access.audit.events import Action
from access.scopes import Scope
from rest.input import Strict
from tasks_api.bulk_action_rows import BulkAction
from tasks_api.database import database_now
from tasks_api.isolation.refusals import reason
from tasks_api.quotas import Turn as QuotaTurn
from tasks_api.quotas import room_of, take_turns

MOST_COUNTED = 10_000
"""So many are counted before it begins; of more it only says that there are."""
MOST_REFUSALS = 100
"""So many refusals are kept with their reasons."""


class NoParameters(Strict):
    """An action that is always done in the same way."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A bulk action as it is carried out: what its row says, read by the forms of its kind.

    `quotas`: those of its project that the kind is held to, as they are now.
    """

    row: BulkAction
    filter: Any
    parameters: Any
    quotas: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Turn:
    """What a turn came to. `last_id`: all up to this one are dealt with. `is_last`: there are no others."""

    last_id: UUID | None = None
    is_last: bool = False
    done: int = 0
    refused: int = 0
    refusals: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, member: UUID, code: str, detail: str) -> None:
        """Count one to which it was not done, and say why."""
        self.refused += 1
        if len(self.refusals) < MOST_REFUSALS:
            self.refusals.append({"id": str(member), "code": code, "detail": detail[:300]})

    def add(self, part: "Turn") -> int:
        """Count what was refused in a part of it as well. How many it was done to."""
        self.refused += part.refused
        self.refusals = [*self.refusals, *part.refusals][:MOST_REFUSALS]
        return part.done

    def refuse_row(self, member: UUID, error: Exception) -> None:
        """The same of one that Postgres refuses to change."""
        self.refuse(member, "refused", reason(error))


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are; not exact: there are more."""

    count: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be done to all that a filter names."""

    name: str
    scope: Scope
    event: Action
    of: str
    """As the audit log calls what it is done to."""
    filter: type[Strict]
    """Query parameters of their list."""
    count: Callable[[Any, Any, int, int], Counted]
    """Of a project, those to which it would be done now, up to so many: of a filter and parameters. Raises
    InvalidInput."""
    sample: Callable[[Any, Any, int, int], list[Any]]
    """The same, the newest so many of them, as rows. Raises InvalidInput."""
    turn: Callable[[Asked], Turn]
    """Do it to the next ones, within the transaction of the caller."""
    parameters: type[Strict] = NoParameters
    check: Callable[[Any], None] = lambda _: None
    """Raises what is wrong with parameters beyond their form."""
    everything: Mapping[str, Any] = field(default_factory=dict)
    """The filter that names all to which it can be done."""
    looks_into_payloads: Callable[[Any], bool] = lambda _: False
    """Whether a filter asks for what only those may see who may read payloads."""
    quotas: Sequence[str] = ()
    """Those that bound to how many it may be done."""
    brings_about: bool = True
    """Whether it brings about tasks, or changes what they are: not for keys that are held to certain tasks."""


def within_quotas(asked: Asked, turn: Turn, members: Sequence[UUID]) -> Sequence[UUID]:
    """Those for which the project still has room, which nobody else takes until the transaction ends.

    The others are refused. Whatever else is to be locked comes first, as wherever a project's turn is waited for.
    """
    if not asked.quotas or not members:
        return members
    project = asked.row.project_id
    take_turns([project], QuotaTurn.WAIT)
    left, name = room_of({project: asked.quotas}, database_now())[project]
    for each in members[left:]:
        detail = f"the project had as many tasks as its quota {name} allows ({asked.quotas[name]})"
        turn.refuse(each, "quota_reached", detail)
    return members[:left]


Kinds = Mapping[str, Kind]
