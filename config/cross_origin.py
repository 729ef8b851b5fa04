"""What pages of other sites may do, where CORS_ALLOWED_ORIGINS names them. `corsheaders` reads it from the settings."""

PATHS = r"^/(?!ui(/|$))"
"""All but the pages of people who have logged in: their cookies are nobody else's business."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
SENT_HEADERS = [
    "accept",
    "authorization",
    "content-digest",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "if-range",
    "last-event-id",
    "prefer",
    "punctual-project",
    "range",
    "upload-offset",
    "x-api-key",
    "x-request-id",
]
SHOWN_HEADERS = [
    "Allow",
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Upload-Offset",
    "WWW-Authenticate",
    "X-Request-ID",
]
"""Of an answer, besides those that browsers show anyway."""
PREFLIGHT_SECONDS = 3_600
"""How long a browser need not ask again."""
