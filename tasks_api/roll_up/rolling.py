"""Which minutes are rolled up, and when. Any number of sweepers may do it at once, and be killed in between.

A minute is rolled up while it lasts, once it is over, and a last time when every transaction has ended that had begun
to write by then: nothing that ended in it can still be on its way.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from tasks_api.database import fetch_one
from tasks_api.isolation.interval import Interval
from tasks_api.roll_up.filling import FIRST_END, fill, first_end, last_end
from tasks_api.roll_up.periods import MINUTE, floor
from tasks_api.roll_up.progress import GRACE, LONGEST_WATCH, Moment, Progress, lock, save

REGULAR_SECONDS = 10.0
BEHIND_SECONDS = 1.0
"""How often while there is more to do than was done last."""
NO_TIME = timedelta()
PAUSE = timedelta(seconds=0.8 * REGULAR_SECONDS)
"""After a turn of any sweeper, lest each of many rolls up the same."""
TURN_SECONDS = 0.1
"""After so long a turn ends; each of its parts has done a minute by then, if it has one to do."""
# Whether there is anything to do: nothing is, for most of the time, where nothing runs or somebody has just done it.
LOOK_SQL = f"""
SELECT (rolled_at > statement_timestamp() - %(pause)s AND rolled_at <= statement_timestamp()) IS NOT TRUE
       AND (rolled_to < date_bin('1 minute', statement_timestamp(), '2000-01-01 00:00Z')
            OR settled_to < watched_to OR history_to IS NOT NULL
            OR {FIRST_END.format(since="rolled_to", before="'infinity'")} IS NOT NULL)
  FROM roll_up_progress WHERE id = 1"""  # noqa: S608 (constants)

Clock = Callable[[], float]


class Rolling:
    """The sweep's share. Remembers only when it did it last, and whether it was all."""

    def __init__(self) -> None:
        self._regular = Interval(REGULAR_SECONDS)
        self._behind = Interval(BEHIND_SECONDS)
        self._is_behind = False

    def run(self) -> int:
        """A turn, if it is time for one. How many minutes were rolled up."""
        if not (self._regular.has_come() or (self._is_behind and self._behind.has_come())):
            return 0
        done, self._is_behind = roll_up(pause=NO_TIME if self._is_behind else PAUSE)
        return done


def roll_up(clock: Clock = time.monotonic, *, pause: timedelta = NO_TIME) -> tuple[int, bool]:
    """A turn: how many minutes were rolled up, and whether there are more to do.

    Nothing is done if anybody had one within the `pause`.
    """
    row = fetch_one(LOOK_SQL, {"pause": pause})
    if row is not None and not row[0]:
        return 0, False
    with transaction.atomic():
        held = lock()
        if held is None:
            return 0, False
        turn = _Turn(*held, clock)
        turn.catch_up()
        turn.settle()
        turn.fill_in_history()
        save(turn.progress)
    return turn.done, turn.is_behind


class _Turn:
    """What one holder of the progress does with it."""

    def __init__(self, moment: Moment, progress: Progress, clock: Clock) -> None:
        self.progress = progress
        self.done = 0
        self.is_behind = False
        self.progress.rolled_at = moment.now
        self._moment = moment
        self._clock = clock
        self._ends = clock() + TURN_SECONDS

    def catch_up(self) -> None:
        """From the minute that was not over last time to the one that is not now, though the clock may be set back."""
        now = self._moment.minute
        start = min(self.progress.rolled_to, now)
        self.progress.rolled_to = self._fill_from(start, now + MINUTE, stays_at=now)

    def settle(self) -> None:
        """A last time, for those of which nothing can come any more."""
        progress, moment = self.progress, self._moment
        if progress.settled_to < progress.watched_to:
            is_over = moment.oldest_xid >= progress.watched_xid
            if not is_over and moment.now - progress.watched_at < LONGEST_WATCH:
                return
            progress.settled_to = self._fill_from(progress.settled_to, progress.watched_to)
        to = min(floor(moment.now - GRACE, MINUTE), progress.rolled_to)
        if progress.settled_to >= progress.watched_to and to > progress.watched_to:
            progress.watched_to, progress.watched_xid, progress.watched_at = to, moment.next_xid, moment.now

    def fill_in_history(self) -> None:
        """What ended before there was a roll-up, from the end, as far back as it is kept."""
        oldest = self._moment.now - timedelta(days=settings.RETENTION_STATS_DAYS)
        while self.progress.history_to is not None:
            end = last_end(oldest, self.progress.history_to)
            self.progress.history_to = None if end is None else self._fill(end)
            if self._is_over():
                self.is_behind |= self.progress.history_to is not None
                return

    def _fill_from(self, start: datetime, before: datetime, *, stays_at: datetime | None = None) -> datetime:
        """All minutes of this time in which anything ended, as far as the turn lasts. Up to where it is done."""
        end = before if stays_at is None else stays_at
        while (found := first_end(start, before)) is not None:
            start = self._fill(found) + MINUTE
            if self._is_over() and start < end:
                self.is_behind = True
                return start
        return end

    def _fill(self, instant: datetime) -> datetime:
        minute = floor(instant, MINUTE)
        fill(minute)
        self.done += 1
        return minute

    def _is_over(self) -> bool:
        return self._clock() >= self._ends
