"""What is to become of a schedule's instants: a pure function of the rule, what is known, the policies and now."""

from .cached_rule import CachedRule
from .jitter import jitter
from .plan import ALL_MADE, plan, replanned
from .policies import IN_RANGES, TIMED, WAITING, MisfirePolicy, Outcome, OverlapPolicy, Policies
from .state import (
    JUST_AFTER,
    Decision,
    Entry,
    InstantSource,
    Plan,
    Room,
    State,
    Suspension,
    outlasting,
)

__all__ = [
    "ALL_MADE",
    "IN_RANGES",
    "JUST_AFTER",
    "TIMED",
    "WAITING",
    "CachedRule",
    "Decision",
    "Entry",
    "InstantSource",
    "MisfirePolicy",
    "Outcome",
    "OverlapPolicy",
    "Plan",
    "Policies",
    "Room",
    "State",
    "Suspension",
    "jitter",
    "outlasting",
    "plan",
    "replanned",
]
