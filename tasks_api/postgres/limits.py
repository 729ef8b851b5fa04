"""How long the database may take over what each part of the service asks of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds: for a statement, for one lock that it waits for, for a transaction in which nothing is asked.

    `prepares`: whether it sends the same again and again, so that plans are kept (`tasks_api.postgres.prepared`).
    `along_indexes`: whether its statements all read along the order of an index. Then Postgres has no other plan for
    them, whatever the tables were like when it made that, and plans are kept for as long as the session.
    """

    statement: float
    lock: float
    idle_in_transaction: float
    prepares: bool = False
    along_indexes: bool = False

    @property
    def options(self) -> str:
        """For libpq: they are part of connecting, and cost no round trip."""
        limits = {
            "statement_timeout": self.statement,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle_in_transaction,
        }
        return " ".join(f"-c {name}={round(1_000 * seconds)}" for name, seconds in limits.items())


WEB = Limits(statement=20, lock=4, idle_in_transaction=60, prepares=True)
"""A batch of ten thousand tasks takes a second, more on a machine that is busy. Many clients wait five seconds."""
SWEEP = Limits(statement=30, lock=2, idle_in_transaction=60)
"""It locks what is free and leaves the rest, so it seldom waits."""
NODE = Limits(statement=3, lock=1, idle_in_transaction=10)
"""A node that waits for a few of them has still said that it is alive before others take it for dead."""
BEAT = Limits(statement=3, lock=1, idle_in_transaction=10, prepares=True, along_indexes=True)
CLAIM = Limits(statement=10, lock=5, idle_in_transaction=10, prepares=True)
"""What a child of a worker says of the task that it runs. It is said again until it succeeds."""
