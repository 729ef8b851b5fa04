"""What the operator of the stack `allowing` allows."""

import os
from typing import Any

LONG = f"600.{os.getpid()}"
"""Seconds that a command sleeps in these tests, and in no others."""
STUBBORN = f"trap '' TERM; (sleep {LONG} & setsid sleep {LONG} & wait) & echo ready; wait"
IN_A_FILE = 'okapi "quagga" & b\u00e4xtery/staple+1'
IN_THE_ENVIRONMENT = "tr0ub4dor-and-three"
COMMANDS_TOKEN = "a-token-that-nobody-knows"
SIGNING_SECRET = "a-signing-secret-that-nobody-knows"
ACCESS_TOKEN = "Bearer an-access-token"
READERS = {
    "crm_token": ["testing.leak"],
    "other": ["testing.leak"],
    "lost": ["testing.leak"],
    "nobodys": [],
    "commands_token": ["run_command"],
    "hook": ["http_request"],
    "access_token": ["http_request"],
}


def commands(directory: str) -> dict[str, Any]:
    """As in COMMANDS_FILE; one of them works in this directory."""
    return {
        "greet": {
            "description": "Say hello.",
            "argv": ["/bin/echo", "Hello", "{name}"],
            "arguments": {"name": {"type": "string", "pattern": "[a-z]+"}},
        },
        "variables": {"description": "Show the environment.", "argv": ["/usr/bin/env"]},
        "betray": {
            "description": "Tell a secret, and fail.",
            "argv": ["/bin/sh", "-c", 'echo "$TOKEN"; echo "it is $TOKEN" >&2; exit 7'],
            "environment": {"TOKEN": {"$secret": "commands_token"}},
        },
        "stay": {
            "description": "Hear no signal.",
            "argv": ["/bin/sh", "-c", STUBBORN],
            "timeout_seconds": 600,
        },
        "repeat": {
            "description": "Be slow only once.",
            "argv": ["/bin/sh", "-c", f"if mkdir begun; then echo ready; sleep {LONG}; fi"],
            "idempotent": True,
            "directory": directory,
        },
    }
