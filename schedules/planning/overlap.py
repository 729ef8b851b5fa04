"""One occurrence after the other: may it run beside the tasks that there are, of its schedule and of its project?"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .policies import Outcome, OverlapPolicy
from .state import Decision, Entry, Room, State

NOT_ENDED = "an earlier task of this schedule had not ended"
WAITS = "an earlier task of this schedule has not ended; it runs after that"
ONE_WAITS = "an earlier task of this schedule had not ended, and one occurrence waited for that already"
REPLACED = "a later occurrence took its place in the queue"


@dataclass(slots=True)
class Judge:
    """What is known while one occurrence after the other is judged."""

    policy: OverlapPolicy
    busy: int
    remaining: int | None
    queued: Entry | None
    room: Room | None = None
    decisions: list[Decision] = field(default_factory=list)
    cancel: bool = False

    @classmethod
    def begin(cls, state: State, policy: OverlapPolicy) -> "Judge":
        """Where the schedule stands."""
        return cls(policy, state.unfinished, state.runs_remaining, _queued(state.entries), state.room)

    @property
    def is_complete(self) -> bool:
        """Whether the schedule may make no more tasks."""
        return self.remaining == 0

    def judge(self, entries: Iterable[Entry]) -> None:
        """Decide about the one that waits, then about all that are due, until no more tasks may be made."""
        if self.queued and self._is_free and not self.is_complete:
            waited, self.queued = self.queued, None
            self._create(waited)
        for entry in entries:
            if self.is_complete:
                return
            self._judge(entry)
        if self.queued and self.queued.outcome is not Outcome.QUEUED:
            self._decide(Outcome.QUEUED, self.queued, WAITS)

    @property
    def _is_free(self) -> bool:
        return self.policy is OverlapPolicy.ALLOW or self.busy == 0

    @property
    def _is_full(self) -> bool:
        return self.room is not None and self.room.left == 0

    def _judge(self, entry: Entry) -> None:
        if self._is_free and self.queued is None:
            self._create(entry)
        elif self._is_full and self.policy is OverlapPolicy.CANCEL_RUNNING:
            self._leave_out(entry)  # nothing is stopped for what could not run
        elif self.policy is OverlapPolicy.CANCEL_RUNNING:
            self.cancel = True
            if self.queued:
                self._decide(Outcome.SKIPPED_OVERLAP, self.queued, REPLACED)
            self.queued = entry
        elif self.policy is OverlapPolicy.QUEUE_ONE and self.queued is None:
            self.queued = entry
        else:
            reason = NOT_ENDED if self.queued is None else ONE_WAITS
            self._decide(Outcome.SKIPPED_OVERLAP, entry, reason)

    def _create(self, entry: Entry) -> None:
        """A task, if there is room for it."""
        if self._is_full:
            self._leave_out(entry)
            return
        self._decide(Outcome.CREATED, entry, None)
        self.busy += 1
        if self.remaining is not None:
            self.remaining -= 1
        if self.room is not None:
            self.room = replace(self.room, left=self.room.left - 1)

    def _leave_out(self, entry: Entry) -> None:
        assert self.room is not None  # noqa: S101 (see _is_full)
        self._decide(Outcome.SKIPPED_QUOTA, entry, self.room.reason)

    def _decide(self, outcome: Outcome, entry: Entry, reason: str | None) -> None:
        self.decisions.append(Decision.of_one(outcome, entry, reason))


def _queued(entries: Iterable[Entry]) -> Entry | None:
    queued = [entry for entry in entries if entry.outcome is Outcome.QUEUED]
    return min(queued, key=lambda entry: entry.scheduled_for, default=None)
