"""Does the API keep its word? Schemathesis makes requests from `/openapi.json`, right and wrong ones, sends them to a
whole stack, and holds every answer against the document."""
