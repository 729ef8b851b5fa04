"""Recurrence: from a rule that a user wrote to the sorted set of instants it means.

Pure: no clock, no framework, no I/O beyond reading time zone data. `parse` a `RuleSpec` into a `Rule`,
or get a `RecurrenceError` that says what is wrong with it; `describe` tells it in plain English.

- `spec`: a rule as it is written; `parsing` chooses its reader: `cron`, `rrule` (`rrule_*`), `every`
- `rule`: a rule as it is read: next, previous, between, count
- `sets`, `days`, `times`, `walls`: the instants, from sets of days and of times of day
- `zones`, `on_the_wall`, `clock_changes`: what a time on the wall is in a zone, also where clocks change
- `phases`, `seconds`: intervals shorter than a day, by arithmetic; `searching` and `budget` bound every search
- `description/`: the rule in English; `warnings`, `*_hints`: what its writer may not have meant
"""

from .budget import SEARCH_STEPS
from .description import describe
from .errors import RecurrenceError
from .parsing import parse, parse_stored
from .rule import Rule
from .spec import EVERY, MAX_LENGTH, MAX_NUMBER, RuleSpec

__all__ = [
    "EVERY",
    "MAX_LENGTH",
    "MAX_NUMBER",
    "SEARCH_STEPS",
    "RecurrenceError",
    "Rule",
    "RuleSpec",
    "describe",
    "parse",
    "parse_stored",
]
