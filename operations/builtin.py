"""The operations that come with Punctual. Importing a module registers what it defines."""

from operations import (
    calculate,
    http_request,
    load_csv,
    numbers,
    pdf_to_csv,
    query_to_csv,
    run_command,
    send_email,
    sleep,
)

__all__ = [
    "calculate",
    "http_request",
    "load_csv",
    "numbers",
    "pdf_to_csv",
    "query_to_csv",
    "run_command",
    "send_email",
    "sleep",
]
