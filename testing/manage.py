"""`manage.py`, run to its end in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping

from testing.concurrency import PATIENCE_SECONDS
from testing.stack import PROJECT


def manage(
    *arguments: str, settings: Mapping[str, str] | None = None, alone: bool = False
) -> "subprocess.CompletedProcess[str]":
    """A command, with these settings beside those of this process, or `alone`."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={**({"PATH": os.environ["PATH"]} if alone else os.environ), **(settings or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
