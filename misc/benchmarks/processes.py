"""Programs that a benchmark runs beside itself."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psutil

from config.stack.programs import kill_group

PATIENCE_SECONDS = 20


@contextmanager
def running(argv: Sequence[str], environment: Mapping[str, str]) -> Iterator[psutil.Process]:
    """A program while the context lasts. What goes wrong within is told with its log."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            argv, env={**os.environ, **environment}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield psutil.Process(process.pid)
        except Exception as error:
            log.seek(0)
            error.add_note(f"the log of {' '.join(argv)}:\n{log.read().decode(errors='replace')}")
            raise
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                kill_group(process)
                process.wait()
