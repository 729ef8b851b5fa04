"""Whether those who came a while ago, and still listen, may still be told what they asked for."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from access import known
from access.actor import Actor, ActorKind
from access.people import sessions
from access.people.actors import scopes_of
from access.scopes import Scope

READING = frozenset({Scope.TASKS_READ.value, Scope.PAYLOADS_READ.value})
"""What a stream of a task rests on. Whoever loses sight of payloads comes again, and is shown the rest."""

Scopes = frozenset[str]
NOTHING: Scopes = frozenset()


def lost(actors: Iterable[Actor]) -> set[Actor]:
    """Those who may read less of tasks than when they came: their key or session has ended, it has fewer scopes, or
    somebody closed a service that was open. At most four statements, for all.
    """
    came = set(actors)
    now = _scopes_now(came)
    return {actor for actor in came if not (actor.scopes & READING) <= now[actor]}


def _scopes_now(actors: set[Actor]) -> Mapping[Actor, Scopes]:
    of_keys = known.find_keys({actor.id for actor in actors if actor.kind == ActorKind.KEY and actor.id})
    at = datetime.now(UTC)
    held = {
        id_: key.actor.scopes for id_, key in of_keys.items() if key is not None and not key.has_ended(at)
    }
    of_people = _people(actors)
    found: dict[ActorKind, Callable[[Actor], Scopes]] = {
        ActorKind.KEY: lambda actor: held.get(actor.id or "", NOTHING),
        ActorKind.PERSON: lambda actor: of_people.get(actor, NOTHING),
        ActorKind.NOBODY: lambda actor: actor.scopes if known.is_open() else NOTHING,
        ActorKind.SYSTEM: lambda actor: actor.scopes,
    }
    return {actor: found[actor.kind](actor) for actor in actors}


def _people(actors: set[Actor]) -> Mapping[Actor, Scopes]:
    """By their sessions, each in the project in which it looks."""
    digests = {actor.session for actor in actors if actor.session is not None}
    if not digests:
        return {}
    rows = sessions.alive().filter(digest__in=digests).select_related("person")
    people = {bytes(row.digest): row.person for row in rows.prefetch_related("person__roles")}
    return {
        actor: scopes_of(person.role).union(
            *(scopes_of(each.role) for each in person.roles.all() if each.project_id == actor.project_id)
        )
        for actor in actors
        if actor.session is not None and (person := people.get(actor.session)) is not None
    }
