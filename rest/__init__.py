"""The HTTP conventions that all paths share: JSON, errors as problems, pages, request ids, the OpenAPI document.

Knows nothing of tasks or schedules. Every view begins with `views.View`, whose table makes `problems` of exceptions.
"""
