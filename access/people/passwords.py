"""Passwords: hashed by Argon2, and few at a time, for each takes memory and a processor."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from access.models import Person

AT_A_TIME = 2
LONGEST = 1024
NOBODYS = (
    "argon2$argon2id$v=19$m=19456,t=2,p=1$cktSbjFHZGRYdllqUVpuSGhvQ0xlZ"
    "w$gXXNtlHGryjWgpBB5hBE1KD4+aeibJtO8Al8SkTmJ+Q"
)
"""What no password has, hashed as all are: so an unknown name takes as long as a known one."""

_turns = threading.BoundedSemaphore(AT_A_TIME)


class Argon2(Argon2PasswordHasher):
    """With what OWASP asks for at least. Django's own takes 100 MiB and eight threads."""

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1


class WrongPassword(Exception):
    """Nobody with this password may come in under this name."""


class WeakPassword(Exception):
    """A password that is guessed too easily."""


def is_right(person: Person | None, password: str) -> bool:
    """Whether somebody with this password may come in. Takes as long for nobody as for anybody."""
    known = person if person is not None and person.is_active else None
    encoded = NOBODYS if known is None else known.password
    with _turns:
        return check_password(password, encoded) and known is not None


def checked(person: Person | None, password: str) -> Person:
    """The person, if this is the password. Raises WrongPassword."""
    if not is_right(person, password) or person is None:
        raise WrongPassword
    return person


def hashed(name: str, password: str) -> str:
    """As it is stored. Raises WeakPassword."""
    if len(password) > LONGEST:
        raise WeakPassword(f"must have at most {LONGEST} characters")
    if password.casefold() == name:
        raise WeakPassword("must not be the name")
    try:
        validate_password(password)
    except ValidationError as error:
        raise WeakPassword("; ".join(_sentence(message) for message in error.messages)) from None
    with _turns:
        return make_password(password)


def _sentence(message: str) -> str:
    """Django's, as ours go on after the field's name."""
    return message.removesuffix(".").replace("This password ", "").replace("is too", "is too")
