"""`make test-api`: the long run, which writes RESULTS.md; SHORT=1 is the short one, which writes nothing."""

import os
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from misc.contract.run import ALL_PHASES, Verdict, check
from testing.stack import running_stack

RESULTS = Path(__file__).with_name("RESULTS.md")
SEEDS = (1, 2, 3)
EXAMPLES = 50
SHORT_EXAMPLES = 15
HEAD = """# Results

What `make test-api` found last: [schemathesis](https://schemathesis.readthedocs.io) makes requests from
`/openapi.json`, right and wrong ones, and holds each answer against it. `schemathesis.toml` says what it has to know
besides.

"""


def main() -> int:
    """The exit code: 0 if nothing was found."""
    short = bool(os.environ.get("SHORT"))
    seeds, examples = (SEEDS[:1], SHORT_EXAMPLES) if short else (SEEDS, EXAMPLES)
    verdicts = {}
    with tempfile.TemporaryDirectory(prefix="punctual-contract-") as folder:
        for seed in seeds:
            place = Path(folder) / str(seed)
            place.mkdir()
            with running_stack(place) as stack:
                verdicts[seed] = check(stack, place, seed=seed, examples=examples)
            print(verdicts[seed].text, flush=True)
            if not short:  # after each, for the whole takes long
                RESULTS.write_text(page(verdicts))
    return int(any(verdict.exit_code or verdict.failures for verdict in verdicts.values()))


def page(verdicts: dict[int, Verdict]) -> str:
    """The results as a page."""
    day = datetime.now(UTC).date()
    about = f"{day}; schemathesis {version('schemathesis')}; all phases ({', '.join(ALL_PHASES)}), a fresh stack each."
    rows = [
        f"| {seed} | {verdict.operations} | {verdict.cases:,} | {len(verdict.failures)} |"
        for seed, verdict in verdicts.items()
    ]
    table = ["| seed | operations | cases | failures |", "|---|---|---|---|", *rows]
    found = sorted({failure for verdict in verdicts.values() for failure in verdict.failures})
    return "\n".join([HEAD + about, "", *table, *[""] * bool(found), *(f"- {each}" for each in found), ""])


if __name__ == "__main__":
    sys.exit(main())
