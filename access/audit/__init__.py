"""Who changed what: each change writes an event in its transaction; later events are sealed into a chain of hashes.

Read `events` and `chain`, which are pure, then `recording`, `refusals`, `sealing`, `verifying`, `retention`.
"""
