"""The HTTP of `/task-schedules/`: `urls`, then `*views`, then forms and their OpenAPI texts.

`refusals` has the errors.
"""
