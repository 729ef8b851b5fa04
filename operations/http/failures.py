"""The ways in which a request can fail, each with the error type that clients see."""

ERRORS = {
    "refused_target": "The address is internal, or not public, and the operator has not allowed "
    "it with `HTTP_REQUEST_ALLOW`. Permanent.",
    "unresolved_host": "The host's name cannot be resolved. Retried.",
    "connection_failed": "The other side cannot be reached, or it closed the connection too early. Retried.",
    "untrusted_certificate": "The other side's certificate is not valid for this host. Permanent.",
    "request_timeout": "The answer was not complete within `timeout_seconds`. Retried.",
    "broken_answer": "What came back is not HTTP, or exceeds every limit. Retried.",
    "unreadable_answer": "The answer uses a compression that was not requested, or is not the JSON that "
    "`read_as` demands. Permanent.",
    "unexpected_status": "The status is not in `expected_status`. Retried for 408, 425, 429 and 500 or above, not "
    "before `Retry-After` says; else permanent.",
    "refused_secret": "The operator does not allow a secret of the request to be sent to this host. Permanent.",
    "refused_redirect": "A redirect leads from https to http, would send the body to another origin or make a GET "
    "of a POST (301, 302), or is not a valid address. Permanent.",
    "too_many_redirects": "There were more redirects than `follow_redirects` allows. Permanent.",
    "request_too_large": "With the values of its secrets, the body is larger than 1 MiB. Permanent.",
}
