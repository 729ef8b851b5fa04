"""Task schedules: rules that create tasks.

`api/` is their HTTP; it calls verbs such as `changes`, `pausing`, `overrides` and `backfill`. `beat` says when to
sweep; `sweeper` does it, with `expansion` for what is due. `planning/` and `recurrence/` are pure: what becomes of
each instant, and which instants a rule names. `ledger` and `ranges` record the outcome.
"""
