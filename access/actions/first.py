"""The first key or person closes the service to everybody else."""

from django.db import connection

from access.models import Key, Person
from access.scopes import Role
from rest.guarding import KeyRequired

FIRST_LOCK = int.from_bytes(b"firstkey")
TAKE_TURNS_SQL = "SELECT pg_advisory_xact_lock(%s)"


class NotTheFirst(Exception):
    """The first one must be able to make the others."""

    def __init__(self) -> None:
        super().__init__(
            "the first key or person closes this service to everybody else, so it must have the role admin and no "
            "project"
        )


def take_turns() -> None:
    """Until the transaction ends, nobody else makes a first one, or takes the last administrator away."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS_SQL, [FIRST_LOCK])


def is_anybody_there() -> bool:
    """Whether there is a key or a person, whatever has become of them."""
    return Key.objects.exists() or Person.objects.exists()


def be_the_first(role: str | None, *, has_project: bool) -> None:
    """Of several who do this at the same time, one does. Raises NotTheFirst, Unauthorized."""
    take_turns()
    if is_anybody_there():
        raise KeyRequired
    refuse_less_than_admin(role, has_project=has_project)


def refuse_less_than_admin(role: str | None, *, has_project: bool) -> None:
    """Raises NotTheFirst."""
    if role != Role.ADMIN or has_project:
        raise NotTheFirst
