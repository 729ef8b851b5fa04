"""The programs from npm that judge the OpenAPI document, where they are installed (`testing/npm`).

In a run of CI they must be there; elsewhere their tests are skipped, and say what would install them.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "npm"
MODULES = FOLDER / "node_modules"
MISSING = "the programs from npm are not installed: npm ci --ignore-scripts --prefix testing/npm"


def require_npm_tools() -> None:
    """Skips the test where they are missing; fails it in CI."""
    if (MODULES / ".bin" / "tsc").exists():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(MISSING)
    pytest.skip(MISSING)


def run_tool(name: str, *arguments: str, folder: Path = FOLDER) -> "subprocess.CompletedProcess[str]":
    """Runs one of them to its end."""
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    return subprocess.run(
        [str(MODULES / ".bin" / name), *arguments],
        cwd=folder,
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def report_of(run: "subprocess.CompletedProcess[str]") -> Any:
    """What it found, as JSON."""
    try:
        return json.loads(run.stdout)
    except ValueError:
        pytest.fail(f"no report: {run.stdout[-2000:]} {run.stderr[-2000:]}")
