"""The short form of `make test-api`, and that it would find something."""

from pathlib import Path

import pytest

from misc.contract.__main__ import HEAD, RESULTS, page
from misc.contract.run import check, read
from testing.openapi31 import document31
from testing.stack import running_stack

SEED = 1
CASES = 500
LEFT_OUT = ("change_key", "rotate_key", "revoke_key")
"""They could take the key away that lets all requests in."""


@pytest.mark.acceptance
def test_the_api_keeps_its_word(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        verdict = check(stack, tmp_path, seed=SEED, examples=15, phases=("examples", "fuzzing", "stateful"))
    assert (verdict.failures, verdict.exit_code) == ((), 0), verdict.text
    assert "Authentication failed" not in verdict.text
    assert verdict.operations == len(document31().operations) - len(LEFT_OUT)
    assert verdict.cases >= CASES


def test_failures_are_read() -> None:
    text = (
        "- ST201 Schema-violating request accepted\n    Tested: 35\nTest cases:\n  1,626 generated, 3 found\n"
    )
    verdict = read(text, 1)
    assert (verdict.cases, verdict.operations) == (1_626, 35)
    assert verdict.failures == ("ST201 Schema-violating request accepted",)
    assert "| 1 | 35 | 1,626 | 1 |" in page({1: verdict})


def test_the_last_long_run_found_nothing() -> None:
    text = RESULTS.read_text()
    assert text.startswith(HEAD)
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ")][1:]
    assert rows
    assert all(row[3].strip() == "0" for row in rows)
