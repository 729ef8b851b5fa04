"""Statements that are sent for each task or each request. Postgres keeps their plans for a moment."""

from math import inf
from time import monotonic

LONGEST_SECONDS = 1.0
"""For how long a plan is kept that may depend on what the tables were like.

Whoever began on a table that was empty has a plan that reads all of it. It may grow at once; autovacuum, which makes
Postgres plan anew, comes after a minute. Who works hard sends hundreds in a second; for what is sent less often than
once a second, preparing is dearer than planning.
"""


class Prepared(str):
    """The text of a statement, with psycopg2's named parameters. To most connections it is like any other text."""

    __slots__ = ("execution", "name", "preparation")

    name: str
    preparation: str
    execution: str
    """Takes the same parameters."""

    def __new__(cls, name: str, sql: str) -> "Prepared":
        """`name` is a word that no other statement has."""
        made = super().__new__(cls, sql)
        numbers = _Numbers()
        made.name = name
        made.preparation = f"PREPARE {name} AS {sql % numbers}"
        values = ", ".join(f"%({parameter})s" for parameter in numbers)
        made.execution = f"EXECUTE {name} ({values})" if values else f"EXECUTE {name}"
        return made


class _Numbers(dict[str, str]):
    """Numbers the parameters that it is asked for. Postgres infers their types."""

    def __missing__(self, parameter: str) -> str:
        number = self[parameter] = f"${len(self) + 1}"
        return number


class Kept:
    """What one connection has prepared."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._until = 0.0
        self._sent_at: dict[str, float] = {}

    def forget(self) -> None:
        """Nobody knows what is prepared: the session is new, or a statement failed, perhaps with its PREPARE."""
        self._until = 0.0

    def text(self, statement: Prepared, seconds: float = LONGEST_SECONDS) -> str:
        """What is to be sent to have it done, in one round trip; the parameters stay as they are.

        `seconds`: for how long plans are kept.
        """
        now = monotonic()
        before, self._sent_at[statement.name] = self._sent_at.get(statement.name, -inf), now
        if now - before > seconds:
            return statement
        return self._renewal(now, seconds) + self._preparation(statement) + statement.execution

    def _renewal(self, now: float, seconds: float) -> str:
        if now < self._until:
            return ""
        self._until = now + seconds
        self._names.clear()
        return "DEALLOCATE ALL; "

    def _preparation(self, statement: Prepared) -> str:
        if statement.name in self._names:
            return ""
        self._names.add(statement.name)
        return f"{statement.preparation}; "
