"""A target of dialect `redshift`. It speaks the protocol of Postgres, but reads files from S3 only.

- `statements`: what is said to it, as text
- `parts`: the rows as compressed files in the bucket
- `loading`: one load

This was tried against a recorded double, and never against the real one.
"""
