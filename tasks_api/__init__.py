"""Tasks: from the request to the result.

`api/` is their HTTP and `client` the way in for Django code; both call `submission`, `control` and `removal`. Workers
run tasks in `execution`; `transitions/` has one SQL statement for each change of state; `upkeep` is what each sweep
does for waiting tasks. `lifecycle`, `retries` and `messages` are pure.
"""
