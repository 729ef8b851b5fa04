"""What a pooler in front of Postgres must do for us. Asked before the schema is changed, for that would break first."""

import secrets
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from tasks_api.postgres import WEB

PAGE = "docs/how-to/use-pgbouncer.md"


class UnfitPooler(Exception):
    """The service would not work behind this pooler. One line says why, and how to mend it."""


def check_pooler(connection: BaseDatabaseWrapper) -> bool:
    """Whether statements have their limits there. Raises UnfitPooler, and what the database raises when it is away."""
    session: Any = connection.copy()
    session.limits = WEB
    name = f"punctual.session_{secrets.token_hex(8)}"
    try:
        try:
            has_limits = bool(_ask(session, "SELECT current_setting('statement_timeout') <> '0'"))
        except OperationalError as error:
            if "unsupported startup parameter" not in str(error):
                raise
            raise UnfitPooler(
                "DATABASE_URL leads to a PgBouncer that refuses the limits of statements: "
                f"set ignore_startup_parameters = options in its configuration, see {PAGE}"
            ) from None
        # A session that is over has left nothing behind, unless its connection was given to another with all that was
        # set in it.
        _ask(session, "SELECT set_config(%s, 'set', false)", name)
        session.close()
        if _ask(session, "SELECT current_setting(%s, true)", name):
            _ask(session, "SELECT set_config(%s, '', false)", name)
            raise UnfitPooler(
                "DATABASE_URL leads to a pooler that shares sessions between clients: "
                f"set pool_mode = session for this database, see {PAGE}"
            )
    finally:
        session.close()
    return has_limits


def _ask(session: Any, sql: str, *values: Any) -> Any:
    with session.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]
