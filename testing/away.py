"""Where nobody is, and connections that break."""

from django.db import connection

from config.stack.ports import LOOPBACK
from testing.ports import own_port

__all__ = ["BREAK_SQL", "LOOPBACK", "break_other_connections", "closed_port"]

BREAK_SQL = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
 WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def closed_port() -> int:
    """A port on which nobody listens, nor will."""
    return own_port()


def break_other_connections() -> int:
    """End all connections to the database but this one, as an administrator does. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(BREAK_SQL)
        return len(cursor.fetchall())
