"""Making, changing, rotating and revoking keys. Nobody gives more than they have."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from access import known
from access.actions.first import be_the_first
from access.actor import Actor, ActorKind
from access.audit.events import Action, Changes, Target, created, differences
from access.audit.recording import INSTALLATION, record
from access.key_text import KeyText, new_key
from access.models import Key, Project
from access.refusals import require
from access.restrictions import excesses
from access.scopes import Scope
from rest.json import instant_text


class NoSuchKey(Exception):
    """There is none with this id, as far as the actor can see."""

    def __init__(self) -> None:
        super().__init__("there is no key with this id")


class GivesTooMuch(Exception):
    """Somebody would give what they do not have: the fields, and what each must be."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__("nobody can give more than they have")
        self.errors = errors


class WasRevoked(Exception):
    """What is revoked stays so."""

    def __init__(self) -> None:
        super().__init__("the key was revoked, and stays as it is: make a new one")


class WasRotated(Exception):
    """Otherwise whoever has found an old text could shut out the new one."""

    def __init__(self) -> None:
        super().__init__("this text of the key was rotated already: rotate it with the new one")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be. `fields` are columns of its row."""

    project: Project | None
    fields: Mapping[str, Any]


def visible(actor: Actor) -> QuerySet[Key]:
    """The keys that an actor can see: those of its project; who belongs to none sees all."""
    rows = Key.objects.select_related("project")
    return rows.filter(project_id=actor.project_id) if actor.is_bound else rows


def find(actor: Actor, public_id: str) -> Key:
    """Raises NoSuchKey."""
    key = visible(actor).filter(public_id=public_id).first()
    if key is None:
        raise NoSuchKey
    return key


def create(actor: Actor, new: NewKey) -> tuple[Key, KeyText]:
    """Its row, and its text, which nobody sees again. Raises GivesTooMuch, NotTheFirst, Unauthorized."""
    text = new_key()
    key = Key(
        public_id=text.id,
        project=new.project,
        digest=text.digest,
        last_characters=text.last_characters,
        created_by=actor.id if actor.kind == ActorKind.KEY else actor.author,
        **new.fields,
    )
    with transaction.atomic():
        if actor.kind == ActorKind.NOBODY:
            be_the_first(key.role, has_project=key.project is not None)
        _refuse_too_much(actor, key)
        _refuse_probes(actor, key.pins)
        key.save(force_insert=True)
        _record(actor, Action.KEY_CREATE, key, created(_told(key)))
    known.forget()
    key.refresh_from_db()
    return key, text


def change(actor: Actor, public_id: str, changes: Mapping[str, Any]) -> Key:
    """Raises NoSuchKey, GivesTooMuch, WasRevoked."""
    with transaction.atomic():
        key = _locked_alive(actor, public_id)
        before = _told(key)
        _refuse_too_much(actor, key)
        for name, value in changes.items():
            setattr(key, name, value)
        if "role" in changes:
            key.scopes = []
        if "scopes" in changes:
            key.role = None
        _refuse_too_much(actor, key)
        _refuse_probes(
            actor, {name: pin for name, pin in key.pins.items() if before["pins"].get(name) != pin}
        )
        key.save(update_fields=[*changes, "role", "scopes"])
        if different := differences(before, _told(key)):
            _record(actor, Action.KEY_UPDATE, key, different)
    known.forget()
    return key


def rotate(actor: Actor, public_id: str, overlap: timedelta) -> tuple[Key, KeyText]:
    """A new text; the old one is let in for `overlap` longer. A key may always rotate itself.

    Raises NoSuchKey, GivesTooMuch, WasRevoked, WasRotated, ScopeMissing.
    """
    is_own = actor.kind == ActorKind.KEY and actor.id == public_id
    if not is_own:
        require(actor, Scope.KEYS_ADMIN)
    with transaction.atomic():
        key = _locked_alive(actor, public_id)
        # What the door remembers of a key may be two seconds old; the row, which is locked, is not.
        if is_own and actor.text_digest != bytes(key.digest):
            raise WasRotated
        if not is_own:
            _refuse_too_much(actor, key)
        before = _told(key)
        text = new_key(public_id)
        key.previous_digest, key.previous_until = (
            (bytes(key.digest), datetime.now(UTC) + overlap) if overlap else (None, None)
        )
        key.digest, key.last_characters = text.digest, text.last_characters
        key.rotated_at = datetime.now(UTC)
        key.save(
            update_fields=["digest", "last_characters", "previous_digest", "previous_until", "rotated_at"]
        )
        _record(actor, Action.KEY_ROTATE, key, differences(before, _told(key)))
    known.forget()
    return key, text


def revoke(actor: Actor, public_id: str) -> Key:
    """Doing it twice is no error. Raises NoSuchKey, GivesTooMuch."""
    with transaction.atomic():
        key = _locked(actor, public_id)
        _refuse_too_much(actor, key)
        if key.revoked_at is None:
            before = _told(key)
            Key.objects.filter(number=key.number).update(revoked_at=Now())
            key.refresh_from_db()
            _record(actor, Action.KEY_REVOKE, key, differences(before, _told(key)))
    known.forget()
    return key


def _locked(actor: Actor, public_id: str) -> Key:
    """Raises NoSuchKey."""
    key = visible(actor).select_for_update(of=("self",)).filter(public_id=public_id).first()
    if key is None:
        raise NoSuchKey
    return key


def _locked_alive(actor: Actor, public_id: str) -> Key:
    """Raises NoSuchKey, WasRevoked."""
    key = _locked(actor, public_id)
    if key.revoked_at is not None:
        raise WasRevoked
    return key


def _refuse_too_much(actor: Actor, key: Key) -> None:
    """Raises GivesTooMuch."""
    errors = list(excesses(actor.restrictions, key.restrictions))
    usual, rate = settings.RATE_LIMITS["key"], key.restrictions.rate
    # The usual rate is the operator's, for whom those who belong to one project do not speak.
    if actor.is_bound and actor.restrictions.rate is None and usual and rate and rate.exceeds(usual):
        errors.append(("rate", f"must be at most the usual {usual.limit} in {usual.window_seconds} seconds"))
    if missing := sorted(key.granted - actor.scopes):
        field = "scopes" if key.role is None else "role"
        errors.insert(0, (field, f"must not have what your own key has not: {', '.join(missing)}"))
    if actor.is_bound and key.project_id != actor.project_id:
        errors.insert(0, ("project", f"must be {actor.project}, the project of your own key"))
    if errors:
        raise GivesTooMuch(errors)


def _refuse_probes(actor: Actor, pins: Mapping[str, str]) -> None:
    """A pin is held against stored arguments, too, as by a trigger: what it refuses tells of them. So whoever writes
    one must be allowed to read them. Raises GivesTooMuch.
    """
    if not actor.may(Scope.PAYLOADS_READ) and not pins.items() <= set(actor.restrictions.pins):
        detail = (
            f"must not be written without {Scope.PAYLOADS_READ}: what a pin refuses tells what arguments are"
        )
        raise GivesTooMuch([("pins", detail)])


def _told(key: Key) -> dict[str, Any]:
    """What the audit log tells of a key: nothing of its text but the end that is shown."""
    return {
        "name": key.name,
        "project": None if key.project is None else key.project.slug,
        "role": key.role,
        "scopes": list(key.scopes),
        "operations": key.operations,
        "max_priority": key.max_priority,
        "networks": key.networks,
        "pins": dict(key.pins),
        "rate": key.rate,
        "expires_at": instant_text(key.expires_at),
        "last_characters": key.last_characters,
        "old_text_until": instant_text(key.previous_until),
        "revoked_at": instant_text(key.revoked_at),
    }


def _record(actor: Actor, action: Action, key: Key, changes: Changes) -> None:
    """In the log of its project, or of the installation."""
    project_id = INSTALLATION if key.project_id is None else key.project_id
    record(actor, action, Target("key", key.public_id), changes, project_id=project_id)
