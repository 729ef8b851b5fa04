"""The HTTP conventions that all paths share: JSON, errors as problems, pages, request ids, the OpenAPI document.

Knows nothing of tasks or schedules. Read in this order:

- `problems`: what an error is; `views`: the view that all begin with, whose table makes problems of exceptions
- `input`: what comes in, checked; `json`, `ids`: how values are read and written; `pagination`: lists
- `openapi/`: what the document says of a method, written beside it and derived from its forms and its refusals
- `middleware`, `request_log`, `same_origin`, `utf8_urls`: around every request
- `handlers`, `from_drf`, `error_forms`, `early`, `database_away`: errors that no view of ours raised
- `body_readers`, `connection_turns`, `places`, `files`: who may wait for the network, and holds up nobody then
- `parsers`, `renderers`, `whole_answers`, `favicon`, `commits`, `stopping`: small things, each for one caller
"""
