"""The first key of an installation that nobody reaches from the machine itself: its text comes in a file."""

from django.db import transaction

from access import known
from access.actions.first import is_anybody_there, take_turns
from access.actor import SYSTEM
from access.audit.events import Action, created, target
from access.audit.recording import INSTALLATION, record
from access.key_text import KeyText
from access.models import Key
from access.scopes import Role

NAME = "bootstrap"


def make_first_key(text: KeyText) -> bool:
    """Make an installation key for everything with this text, unless there is any key or person. Whether it did.

    So an old file opens nothing: neither after it was revoked, nor beside others.
    """
    with transaction.atomic():
        take_turns()
        if is_anybody_there():
            return False
        Key.objects.create(
            public_id=text.id,
            name=NAME,
            role=Role.ADMIN.value,
            digest=text.digest,
            last_characters=text.last_characters,
        )
        made = created({"name": NAME, "role": Role.ADMIN.value, "last_characters": text.last_characters})
        record(SYSTEM, Action.KEY_CREATE, target("key", text.id), made, project_id=INSTALLATION)
    known.forget()
    return True
