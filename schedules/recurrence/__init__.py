"""Recurrence: from a rule that a user wrote to the sorted set of instants it means.

Pure: no clock, no framework, no I/O beyond reading time zone data. `parse` a `RuleSpec` into a `Rule`,
or get a `RecurrenceError` that says what is wrong with it; `describe` tells it in plain English.
"""

from .budget import SEARCH_STEPS
from .description import describe
from .errors import RecurrenceError
from .parsing import parse
from .rule import Rule
from .spec import EVERY, RuleSpec

__all__ = ["EVERY", "SEARCH_STEPS", "RecurrenceError", "Rule", "RuleSpec", "describe", "parse"]
