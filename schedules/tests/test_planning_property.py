"""Whatever befalls a schedule: every instant is accounted for once, and nothing runs twice or too often."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schedules.planning import JUST_AFTER, TIMED, WAITING, MisfirePolicy, Outcome, OverlapPolicy, Policies
from schedules.tests.planning_book import Book, Epoch
from schedules.tests.planning_cases import GRACE, NOON, Listed

TIMES = st.sampled_from([0.0, 0.25, 1.0, 4.75, 5.0, 7.5, 20.0, 61.0, 300.0])
WINDOWS = st.sampled_from([None, timedelta(seconds=3), timedelta(seconds=20), timedelta(seconds=100)])
OVERRIDES = st.sampled_from([Outcome.OVERRIDDEN, Outcome.MOVED, Outcome.CHANGED])


def rules(start: datetime) -> st.SearchStrategy[Listed]:
    """Instants from a moment on, regular and not."""
    since = int((start - NOON).total_seconds())
    gaps = st.lists(st.sampled_from([1, 1, 2, 5, 10, 30]), min_size=1, max_size=60)
    return gaps.map(lambda listed: Listed(*(since + sum(listed[: end + 1]) for end in range(len(listed)))))


class Schedule(RuleBasedStateMachine):
    """One schedule: calls, sweeps, outages and tasks that end, in any order."""

    book: Book

    @initialize(
        named=rules(NOON),
        misfire=st.sampled_from(MisfirePolicy),
        overlap=st.sampled_from(OverlapPolicy),
        window=WINDOWS,
        batch=st.integers(1, 6),
        left=st.none() | st.integers(1, 12),
        limit=st.none() | st.integers(1, 4),
    )
    def begin(
        self,
        named: Listed,
        misfire: MisfirePolicy,
        overlap: OverlapPolicy,
        window: timedelta | None,
        batch: int,
        left: int | None,
        limit: int | None,
    ) -> None:
        self.book = Book(named, Policies(GRACE, batch, misfire, overlap, window, limit), left)

    @rule(seconds=TIMES)
    def time_passes(self, seconds: float) -> None:
        self.book.now += timedelta(seconds=seconds)

    @rule(seconds=TIMES, batch=st.integers(1, 6))
    def sweep(self, seconds: float, batch: int) -> None:
        self.book.now += timedelta(seconds=seconds)
        self.book.policies = Policies(GRACE, batch, *_user_decided(self.book.policies))
        made = self.book.sweep()
        if made is not None and self.book.is_active:
            self._look_at_is_right(made.look_at)
            self._nothing_is_left(made.look_at)

    @rule(seconds=st.sampled_from([1.0, 60.0]))
    def the_clock_is_set_back(self, seconds: float) -> None:
        self.book.now -= timedelta(seconds=seconds)
        self.book.sweep()
        self.book.now += timedelta(seconds=seconds)

    @rule(seconds=st.none() | st.sampled_from([0.5, 5.0, 40.0]))
    def pause(self, seconds: float | None) -> None:
        self.book.pause(seconds)

    @rule(catch_up=st.sampled_from(["none", "last", "all"]))
    def resume(self, catch_up: str) -> None:
        self.book.resume(catch_up)

    @rule(failed=st.booleans())
    def tasks_end(self, failed: bool) -> None:
        self.book.end_tasks(failed=failed)

    @rule(misfire=st.sampled_from(MisfirePolicy), overlap=st.sampled_from(OverlapPolicy), window=WINDOWS)
    def edit_policies(self, misfire: MisfirePolicy, overlap: OverlapPolicy, window: timedelta | None) -> None:
        self.book.change(misfire=misfire, overlap=overlap, window=window)

    @rule(data=st.data(), more=st.integers(0, 3))
    def edit_rule(self, data: st.DataObject, more: int) -> None:
        self.book.edit_rule(data.draw(rules(self.book.now)), more)

    @rule(more=st.integers(0, 3))
    def edit_times(self, more: int) -> None:
        self.book.edit_times(more)

    @precondition(lambda self: self.book.open_instants())
    @rule(which=st.integers(0, 8), outcome=OVERRIDES, seconds=st.sampled_from([0.5, 3.0, 25.0, 900.0]))
    def override(self, which: int, outcome: Outcome, seconds: float) -> None:
        self.book.settle()
        instants = self.book.open_instants()
        if instants:
            self.book.override(instants[which % len(instants)], outcome, seconds)

    @precondition(lambda self: self.book.open_instants())
    @rule(which=st.integers(0, 8))
    def take_back(self, which: int) -> None:
        self.book.settle()
        overridden = [instant for instant in self.book.open_instants() if instant in self.book.rows]
        if overridden:
            self.book.take_back(overridden[which % len(overridden)])

    @rule()
    def fail(self) -> None:
        self.book.fail()

    @invariant()
    def every_instant_is_covered_once(self) -> None:
        in_ranges = Counter(
            instant
            for named, decision in self.book.ranges
            for instant in named.between(decision.first, decision.last + JUST_AFTER)
        )
        past = [instant for epoch in self.book.epochs for instant in self._past_of(epoch)]
        covered = in_ranges + Counter(self.book.rows.keys())
        assert {instant: covered[instant] for instant in past} == dict.fromkeys(past, 1)
        assert set(in_ranges) <= set(past)
        assert max(covered.values(), default=1) == 1

    @invariant()
    def at_most_one_waits_in_the_queue(self) -> None:
        assert len(self.book.waiting(Outcome.QUEUED)) <= 1
        assert self.book.left is None or self.book.left >= 0

    def teardown(self) -> None:
        """Left alone, the schedule comes to its end, and nothing waits any more."""
        self.book.change(pause_after_failures=None)
        self.book.resume("none")
        for _ in range(300):
            if not self.book.is_active:
                break
            self.book.now += timedelta(seconds=1_000)
            self.book.end_tasks(failed=False)
            self.book.sweep()
        assert self.book.status in ("completed", "error")
        if self.book.status == "completed":
            assert self.book.waiting(*WAITING) == []
        self.every_instant_is_covered_once()

    def _past_of(self, epoch: Epoch) -> list[datetime]:
        """What a rule named while the schedule had it, up to where it has come."""
        end = epoch.end
        if epoch is self.book.epochs[-1] and end is None:
            end = self.book.position
        return [each for each in epoch.rule.instants if epoch.start <= each and (end is None or each < end)]

    def _look_at_is_right(self, look_at: datetime | None) -> None:
        book = self.book
        named = (
            []
            if book.position is None
            else book.rule.between(book.position, datetime.max.replace(tzinfo=NOON.tzinfo))
        )
        due = [each for each in named if each not in book.rows]
        due += [row.due_at for row in book.waiting(*TIMED)]
        if due:
            assert look_at is not None
            assert look_at <= min(due)
        else:
            assert look_at is None or look_at > book.now

    def _nothing_is_left(self, look_at: datetime | None) -> None:
        """A second sweep at the same time has nothing to decide, unless the batch was full."""
        if look_at is None or look_at > self.book.now:
            again = self.book.sweep()
            assert again is not None
            assert again.pause or (list(again.decisions), again.look_at) == ([], look_at)


def _user_decided(policies: Policies) -> tuple[MisfirePolicy, OverlapPolicy, timedelta | None, int | None]:
    return policies.misfire, policies.overlap, policies.window, policies.pause_after_failures


TestSchedule = Schedule.TestCase
TestSchedule.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
