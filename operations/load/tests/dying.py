"""A load in a process of its own, which kills itself where it is told: `python -m operations.load.tests.dying PLAN`."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from operations import Context, Progress, catalogue, testing
from operations.files import File, FolderFiles
from operations.load import Target, Targets
from operations.secrets import SecretReader


def main(plan: str) -> None:
    """`plan`: JSON. `at` is the phase in which it dies; else it does so once the load is committed."""
    given = json.loads(plan)

    def report(progress: Progress) -> None:
        if (progress.message or "").startswith(given["at"]):
            die()

    class Files(FolderFiles):
        def keep(self, written: BinaryIO, name: str, media_type: str) -> File:  # after the commit
            die()
            return super().keep(written, name, media_type)

    files = Files(Path(given["folder"]))
    file = files.add("rows.csv", given["content"].encode(), "text/csv")
    operation = catalogue.get("load_csv")
    reader = SecretReader(lambda _: True, lambda _: str(given["password"]))
    context = Context(given["task_id"], 1, report=report, files=files)
    with testing.configured(targets=Targets({"warehouse": Target.model_validate(given["target"])})):
        operation.run({**given["arguments"], "file": file}, context, reader)


def die() -> None:
    """At once, as the kernel does it."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
