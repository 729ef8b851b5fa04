"""Units as `manage.py install-systemd` writes them, and systemd's own judgement of them, where it is installed.

It needs no systemd that runs: Debian's package `systemd` has `systemd-analyze`.
"""

import os
import shlex
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from testing.concurrency import PATIENCE_SECONDS

MISSING = "systemd is not installed, so nobody judges the units: apt-get install systemd"


def systemd_analyze(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """What it says of units in `folder`. Skips the test where it is not installed, but not in CI."""
    program = shutil.which("systemd-analyze")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return subprocess.run(
        [program, "--no-pager", *arguments],
        cwd=folder,
        # The colon: the machine's own units are known, too.
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:", "SYSTEMD_LOG_LEVEL": "info"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def settings_of(unit: str) -> dict[str, list[str]]:
    """What a unit says: all values of each key, of whatever section."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in unit.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[name].append(value)
    return dict(found)


def environment_of(unit: str) -> dict[str, str]:
    """The variables that a unit sets itself."""
    pairs = [word.partition("=") for line in settings_of(unit)["Environment"] for word in shlex.split(line)]
    return {name: value for name, _, value in pairs}
