"""Rows that Postgres refuses to change, as a foreign key or a trigger of somebody else's would make it do."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks_api.database import execute

REASON = "somebody forbids it"
DETAIL = "the whole row, with all that is private in it"


@contextmanager
def refused(table: str, condition: str, *, on: str = "UPDATE OR DELETE") -> Iterator[None]:
    """While it lasts, no statement that touches a row for which `condition` holds, of OLD or NEW, succeeds."""
    execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE check_violation USING MESSAGE = '{REASON}', DETAIL = '{DETAIL}'; END $$",
        None,
    )
    trigger = f"BEFORE {on} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse()"
    execute(f"CREATE TRIGGER refuse {trigger}", None)
    try:
        yield
    finally:
        execute(f"DROP TRIGGER refuse ON {table}", None)
        execute("DROP FUNCTION refuse()", None)
