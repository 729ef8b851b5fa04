"""Whether a connection that nobody used for a while is still there, found out without asking anybody."""

import select
from typing import Any


def is_quiet(connection: Any) -> bool:
    """Whether nothing has come over psycopg2's connection unasked.

    A server that ends a session says so or hangs up, and a machine that is gone breaks the socket, which the keepalives
    of the settings see within seconds.
    """
    if connection.closed:
        return False
    news = select.poll()
    news.register(connection.fileno(), select.POLLIN)
    return not news.poll(0)
