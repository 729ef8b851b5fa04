"""Break a whole stack in every way there is while it works, then prove that nothing was lost and nothing doubled.

`make chaos` runs it. What is believed at the end is the database, and a ledger outside of it: a file to which each
operation adds a line before its work and one after it.
"""
