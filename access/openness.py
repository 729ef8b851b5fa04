"""Whether the service is open to whoever reaches it, as a question to the database. Needs no models."""

from django.db import connection

NOBODY_SQL = "NOT EXISTS (SELECT FROM access_key) AND NOT EXISTS (SELECT FROM person)"
"""Those that have ended count: a service that was closed stays so."""


def has_nobody() -> bool:
    """Whether there is no key and no person yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NOBODY_SQL}")
        found: bool = cursor.fetchone()[0]
    return found
