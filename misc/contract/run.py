"""One run of schemathesis against a service."""

import re
import subprocess
import sys
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from access.key_text import new_key
from testing.stack import Stack

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
ALL_PHASES = ("examples", "coverage", "fuzzing", "stateful")
_CASES = re.compile(r"^\s+([\d,]+) generated", re.MULTILINE)
_OPERATIONS = re.compile(r"^\s+Tested: (\d+)", re.MULTILINE)
_FAILURE = re.compile(r"^- (ST\d+ .+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it. `failures` are empty if nothing was found; `text` has each with its request."""

    cases: int
    operations: int
    failures: tuple[str, ...]
    text: str
    exit_code: int


KEY_SQL = """
INSERT INTO access_key (public_id, name, role, scopes, pins, digest, last_characters)
VALUES (%s, 'contract', 'admin', '{}', '{}', %s, %s)
"""


def lock(stack: Stack) -> str:
    """Makes a key that may do everything, and waits until the service wants one. Returns its text."""
    key = new_key()
    stack.psql(KEY_SQL, [key.id, key.digest, key.last_characters])
    stack.wait_until(lambda: stack.http.get("/tasks/").status_code == HTTPStatus.UNAUTHORIZED)
    return key.text


def check(
    stack: Stack, folder: Path, *, seed: int, examples: int, phases: tuple[str, ...] = ALL_PHASES
) -> Verdict:
    """Send requests of all kinds, so many examples of each operation, and judge the answers. Writes to `folder`."""
    program = Path(sys.executable).with_name("schemathesis")
    ran = subprocess.run(
        [
            str(program),
            f"--config-file={CONFIGURATION}",
            "--no-color",
            "run",
            f"{stack.url}/openapi.json",
            f"--header=Authorization: Bearer {lock(stack)}",
            f"--phases={','.join(phases)}",
            f"--max-examples={examples}",
            f"--seed={seed}",
            "--workers=1",  # with two, Python 3.11 may lose count of the depth of trees, and fails
            "--continue-on-failure",
            "--request-timeout=60",
            "--generation-database=none",
            "--suppress-health-check=all",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return read(ran.stdout + ran.stderr, ran.returncode)


def read(text: str, exit_code: int) -> Verdict:
    """What a run has printed, in numbers."""
    cases, operations = (pattern.search(text) for pattern in (_CASES, _OPERATIONS))
    return Verdict(
        cases=int(cases[1].replace(",", "")) if cases else 0,
        operations=int(operations[1]) if operations else 0,
        failures=tuple(_FAILURE.findall(text)),
        text=text,
        exit_code=exit_code,
    )
