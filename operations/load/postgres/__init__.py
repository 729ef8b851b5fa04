"""A target of dialect `postgres`, in two phases.

The rows of the file come into a temporary table as text, and are looked at there, so that each value that does not fit
is told. Then what fits is written in one transaction, with a row that says of which task it was.

- `connecting`: to a target; `catalog`: what a table is like
- `staging`: the rows as text; `bad_rows`: those that do not fit; `checking`: values; `constraints`, `one_by_one`: rules
- `writing`: the four modes; `guard`: the row that keeps a load from being done twice
- `loading`: one load; `proposing`: a table for a file; `asking`: a query
"""
