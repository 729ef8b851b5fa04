"""One occurrence after the other: may it run beside the tasks of the same schedule that have not ended?"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .policies import Outcome, OverlapPolicy
from .state import Decision, Entry, State

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
    decisions: list[Decision] = field(default_factory=list)
    cancel: bool = False

    @classmethod
    def begin(cls, state: State, policy: OverlapPolicy) -> "Judge":
        """Where the schedule stands."""
        return cls(policy, state.unfinished, state.runs_remaining, _queued(state.entries))

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

    def _judge(self, entry: Entry) -> None:
        if self._is_free and self.queued is None:
            self._create(entry)
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
        self._decide(Outcome.CREATED, entry, None)
        self.busy += 1
        if self.remaining is not None:
            self.remaining -= 1

    def _decide(self, outcome: Outcome, entry: Entry, reason: str | None) -> None:
        self.decisions.append(Decision.of_one(outcome, entry, reason))


def _queued(entries: Iterable[Entry]) -> Entry | None:
    queued = [entry for entry in entries if entry.outcome is Outcome.QUEUED]
    return min(queued, key=lambda entry: entry.scheduled_for, default=None)
