"""The HTTP of `/tasks/`, `/operations/` and `/health/`: `urls`, then `*views`, then forms and their OpenAPI texts.

`refusals` has the errors.
"""
