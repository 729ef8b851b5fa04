"""The states of a task, and every way from one to another. Pure.

The statements in `tasks_api.transitions` are guarded by this table, and the docs' picture is compared with it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where a task stands, in Celery's words."""

    PENDING = "PENDING"
    """Waits for its time, for the broker, or for a worker."""
    STARTED = "STARTED"
    """A worker has claimed it and runs it."""
    RETRY = "RETRY"
    """One attempt has ended without a result; it waits for the next."""
    SUCCESS = "SUCCESS"
    """Final: it ran, and `result` holds what it returned."""
    FAILURE = "FAILURE"
    """Final: no attempt is left, or none would help; `error` says what went wrong."""
    REVOKED = "REVOKED"
    """Final: it was cancelled, or it expired; `error` says which."""


WAITING = (Status.PENDING, Status.RETRY)
FINAL = (Status.SUCCESS, Status.FAILURE, Status.REVOKED)


@dataclass(frozen=True, slots=True)
class Transition:
    """One way for a task to change: allowed from `sources` alone, leads to one of `targets`."""

    sources: tuple[Status, ...]
    targets: tuple[Status, ...]
    cause: str


CLAIM = Transition(WAITING, (Status.STARTED,), "a worker claims it")
SUCCEED = Transition((Status.STARTED,), (Status.SUCCESS,), "the operation returned")
FAIL = Transition((Status.STARTED,), (Status.RETRY, Status.FAILURE, Status.REVOKED), "the operation failed")
RESCUE = Transition(
    (Status.STARTED,), (Status.RETRY, Status.FAILURE, Status.REVOKED), "its worker or its time is gone"
)
HAND_BACK = Transition((Status.STARTED,), (Status.RETRY, Status.FAILURE, Status.REVOKED), "its worker stops")
EXPIRE = Transition(WAITING, (Status.REVOKED,), "expires_at has passed")
CANCEL = Transition(WAITING, (Status.REVOKED,), "somebody cancels it")
REVIVE = Transition((Status.FAILURE, Status.REVOKED), (Status.PENDING,), "somebody asks to run it again")

TRANSITIONS = {
    "claim": CLAIM,
    "succeed": SUCCEED,
    "fail": FAIL,
    "rescue": RESCUE,
    "hand back": HAND_BACK,
    "expire": EXPIRE,
    "cancel": CANCEL,
    "revive": REVIVE,
}

RESEND_SECONDS = (5, 20, 80, 320, 600)
"""How long a message may stay unanswered before it is taken for lost, by how often it was sent."""
