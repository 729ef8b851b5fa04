"""How often one may try to log in. Postgres counts, so it holds for all processes together.

Each bucket lets a few attempts through at once, and then one every so often (GCRA): what was counted decays by
itself, and nobody is locked out for good. A browser in which somebody has logged in before has a bucket of its own, so
those who guess a name from elsewhere do not keep its owner out.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection
from django.utils.crypto import salted_hmac

SALT = "access.people.attempts"


class Rate(NamedTuple):
    """So many at once, and then one in so many seconds."""

    at_once: int
    seconds: int


OF_ADDRESS = Rate(20, 5)
OF_NAME = Rate(10, 60)
OF_BROWSER = Rate(10, 30)

# The row's lock makes those who come at the same time take turns.
TAKE_SQL = """
INSERT INTO log_in_attempts AS known (bucket, free_at) VALUES (%(bucket)s, now() + make_interval(secs => %(each)s))
    ON CONFLICT (bucket) DO UPDATE SET free_at = greatest(known.free_at, now()) + make_interval(secs => %(each)s)
     WHERE known.free_at <= now() + make_interval(secs => %(ahead)s)
RETURNING true"""
WAIT_SQL = """
SELECT ceil(extract(epoch FROM free_at - now()) - %s)::int FROM log_in_attempts WHERE bucket = %s"""
# Each attempt makes two rows at most, and takes away more of those that say nothing any more.
SWEEP_SQL = """
DELETE FROM log_in_attempts WHERE bucket IN (
    SELECT bucket FROM log_in_attempts WHERE free_at < now() LIMIT 10 FOR UPDATE SKIP LOCKED)"""


class TooManyAttempts(Exception):
    """The next one is looked at after so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts to log in: try again in {seconds} s")
        self.seconds = seconds


def take(name: str, address: str | None, browser: str | None) -> None:
    """Count an attempt before it is looked at. `browser`: one in which this name has logged in before.

    Raises TooManyAttempts.
    """
    with connection.cursor() as cursor:
        cursor.execute(SWEEP_SQL)
        for bucket, rate in _buckets(name, address, browser):
            ahead = rate.seconds * (rate.at_once - 1)
            cursor.execute(TAKE_SQL, {"bucket": bucket, "each": rate.seconds, "ahead": ahead})
            if cursor.fetchone() is None:
                cursor.execute(WAIT_SQL, [ahead, bucket])
                found = cursor.fetchone()
                raise TooManyAttempts(max(1, found[0]) if found else 1)


def _buckets(name: str, address: str | None, browser: str | None) -> Iterator[tuple[str, Rate]]:
    if browser is not None:
        yield f"browser:{browser}", OF_BROWSER
        return
    yield f"address:{address}", OF_ADDRESS
    # People type their passwords where the name should be.
    yield f"name:{salted_hmac(SALT, name, algorithm='sha256').hexdigest()}", OF_NAME
