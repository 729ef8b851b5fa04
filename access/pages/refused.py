"""What a page answers instead of itself."""

STALE = (
    "this form was opened before you logged in or out, or cookies are off: open the page again, and send it then; "
    "behind a proxy that speaks https, the operator must set TRUST_PROXY=1"
)
