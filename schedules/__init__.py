"""Task schedules: rules that create tasks.

Read in this order; each imports only what stands above it:

- `recurrence/`, pure: which instants a rule names, and what it is in English
- `planning/`, pure: what becomes of instants that are due (late, overlapping, paused, overridden)
- `models`: a schedule, and an occurrence, which is what became of an instant
- `ledger/` writes occurrences; `template/` makes the task of one
- `expansion/`: what is due, planned and written, in one transaction
- `occurrences/`: the ledger and what is to come, read as one list
- `actions/`: what people do with a schedule: edit, pause, override, backfill, trigger
- `sweep/`: `beat` says when to sweep, `sweeper` does it; `worker` is Celery's way in
- `api/`: the HTTP of `/task-schedules/`
"""
