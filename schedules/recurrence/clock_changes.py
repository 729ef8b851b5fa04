"""What becomes of wall times that a clock change skips or repeats."""

from dataclasses import dataclass
from enum import Enum
from typing import Self


class Gap(Enum):
    """What becomes of wall times that do not exist."""

    SKIP = "skip"  # they are left out
    SHIFT = "shift"  # they take the offset before the gap: 02:30 becomes 03:30
    AFTER = "after"  # they become the first moment after the gap: 03:00


class Fold(Enum):
    """What becomes of wall times that exist twice."""

    FIRST = "first"
    LAST = "last"
    BOTH = "both"


AUTO = "auto"
GAPS = (AUTO, *(gap.value for gap in Gap))
FOLDS = (AUTO, *(fold.value for fold in Fold))


@dataclass(frozen=True, slots=True)
class ClockChanges:
    """How a rule meets the two clock changes of a year."""

    gap: Gap
    fold: Fold

    def chosen(self, gap: str, fold: str) -> Self:
        """The same where the user chose ``auto``, else what the user chose."""
        if gap == fold == AUTO:
            return self
        return type(self)(
            self.gap if gap == AUTO else Gap(gap),
            self.fold if fold == AUTO else Fold(fold),
        )


CALENDAR = ClockChanges(Gap.SHIFT, Fold.FIRST)  # RFC 5545 3.3.5: DAILY and coarser, and every single date
EVERY_REAL_HOUR = ClockChanges(Gap.SKIP, Fold.BOTH)  # HOURLY and finer; cron with a star
FIXED_CRON = ClockChanges(Gap.AFTER, Fold.FIRST)  # Debian's cron, minute and hour without a star
