"""The OpenAPI document, made from the very forms that the views read, and its pages.

A view's method is marked `@documented(Endpoint(...))`; everything else follows from the forms, the path and
the conventions that all of our paths share.
"""

from rest.guarding import ANY_ACTOR, PUBLIC
from rest.openapi.endpoint import (
    Answer,
    Endpoint,
    Refusal,
    RequestBody,
    documented,
    one_page,
)

__all__ = [
    "ANY_ACTOR",
    "PUBLIC",
    "Answer",
    "Endpoint",
    "Refusal",
    "RequestBody",
    "documented",
    "one_page",
]
