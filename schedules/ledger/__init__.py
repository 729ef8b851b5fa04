"""The ledger: what became of each instant of a schedule, a row for each or for a run of them.

- `records`: reading the rows that are ahead or wait, writing what a plan decided
- `ranges`: the instants that a row of many covers, and what is left of it when some are taken out
- `retention`: old rows do not stay for ever
"""

from schedules.ledger.records import (
    KNOWN_SQL,
    WAITING_VALUES,
    Record,
    drop,
    entries_of,
    known,
    records_of,
    spec_as_json,
    spec_from_json,
    write,
)

__all__ = [
    "KNOWN_SQL",
    "WAITING_VALUES",
    "Record",
    "drop",
    "entries_of",
    "known",
    "records_of",
    "spec_as_json",
    "spec_from_json",
    "write",
]
