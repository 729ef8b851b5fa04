"""What is so of a task, whatever happens to it: a small model of the contract."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tasks_api.lifecycle import FINAL, WAITING, Status
from tasks_api.transitions import Run


@dataclass
class Model:
    """What is so of a task, by the contract alone."""

    max_attempts: int
    retry_when_lost: bool
    final_attempt: int
    status: Status = Status.PENDING
    attempt: int = 0
    priority: int = 5
    is_due: bool = True
    is_expired: bool = False
    is_asked_to_stop: bool = False
    progress: Any = None
    token: UUID | None = None
    """Of the last try, as long as that may say how it ended."""
    node: UUID | None = None
    ended: dict[int, str] = field(default_factory=dict)
    """How each try without a result ended, by its number."""

    @property
    def waits(self) -> bool:
        return self.status in WAITING

    @property
    def may_be_claimed_once_more(self) -> bool:
        """A worker repeats its claim only until it has the answer; before that it has nothing to report."""
        return not self.waits and self.progress is None

    def is_run_by(self, run: Run) -> bool:
        return self.status == Status.STARTED and self.token == run.token

    def claimed(self, token: UUID, node: UUID) -> None:
        self.status, self.token, self.node, self.progress = Status.STARTED, token, node, None
        self.attempt += 1

    def try_ends(self, outcome: str, *, again: bool, is_due: bool = True) -> None:
        self.ended[self.attempt] = "cancelled" if self.is_asked_to_stop else outcome
        self.node = None
        if self.is_asked_to_stop:
            self.status = Status.REVOKED
        else:
            self.status = Status.RETRY if again else Status.FAILURE
        if self.status == Status.RETRY:
            self.is_due = is_due

    def is_taken_back(self, outcome: str, *, again: bool) -> None:
        self.try_ends(outcome, again=again)
        self.token = None

    def is_removable(self, *, force: bool) -> bool:
        has_not_started = self.status == Status.PENDING and self.attempt == 0
        return has_not_started or (force and self.status in FINAL)

    def is_revived(self) -> None:
        self.status, self.token, self.progress = Status.PENDING, None, None
        self.final_attempt = self.attempt + self.max_attempts
        self.is_due, self.is_expired, self.is_asked_to_stop = True, False, False
