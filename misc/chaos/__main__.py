"""`make chaos`: the full form. SEED=… repeats the order of faults and the load of another run; SHORT=1 is the short
form; BROKER=rabbitmq breaks one on RabbitMQ."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from misc.chaos.faults import FAULTS, FEWER
from misc.chaos.load import FULL, SHORT
from misc.chaos.run import chosen_seed, run, summary


def main() -> int:
    """The exit code: 0 if nothing was found."""
    seed = chosen_seed()
    broker = os.environ.get("BROKER") or "valkey"
    load, faults = (SHORT, FEWER) if os.environ.get("SHORT") else (FULL, FAULTS)
    folder = Path(tempfile.mkdtemp(prefix="punctual-chaos-"))
    print(
        f"SEED={seed} on {broker}: {load.tasks} tasks, {load.schedules} schedules; logs in {folder}",
        flush=True,
    )
    verdict = run(load, seed, folder, broker=broker, faults=faults, say=lambda text: print(text, flush=True))
    print(*summary(verdict), sep="\n")
    if verdict.findings:
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
