"""Lines of other programs that tell nothing to whoever starts a stack on their own machine."""

import re

HARMLESS = {
    "postgres": re.compile(
        r"LOG:  (starting PostgreSQL|listening on |database system (was|is) (shut down|ready)|shutting down$|"
        r'received \w+ shutdown request|aborting any active|background worker "logical replication launcher")'
    ),
    # It advises how it can save its data, of which it has none.
    "valkey": re.compile(
        "Memory overcommit must be enabled|Received SIGTERM scheduling|is now ready to exit"
    ),
    "migrate": re.compile(
        "^(Operations to perform:|  Apply all migrations: .*|Running migrations:|  No migrations to apply.)$"
    ),
}


def is_harmless(role: str, line: str) -> bool:
    """Whether nobody needs this line."""
    known = HARMLESS.get(role)
    return known is not None and known.search(line) is not None
