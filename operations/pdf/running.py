"""Starts the child that reads a PDF, hears how far it is, and ends it."""

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any, BinaryIO

from operations.pdf import child
from operations.pdf.failures import Unconvertible
from operations.pdf.options import CONVERT, COUNT, LOOK, Limits, Options

LONGEST_LINE = 8 << 20
CHUNK_BYTES = 65_536
PROBE_SECONDS = 10
ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
"""All that the child gets: nothing of the worker's, which has passwords in it."""
COMMAND = [sys.executable, "-I", "-B", "-X", "utf8", str(Path(child.__file__))]

Tell = Callable[[dict[str, Any]], None]


@contextmanager
def converted(
    file: BinaryIO, options: Options, limits: Limits, tell: Tell
) -> Iterator[tuple[dict[str, Any], Path]]:
    """What the child found, and the folder in which its CSV files are as long as the context lasts.

    `tell` is called for each page: {"page": 12, "done": 12, "of": 136, "rows": 410}. Raises Unconvertible.
    """
    with TemporaryDirectory(prefix="pdf-") as folder, _on_disk(file) as source:
        yield _result(source, CONVERT, options, limits, Path(folder), tell), Path(folder)


def looked_at(file: BinaryIO, options: Options, limits: Limits) -> dict[str, Any]:
    """What `looking.look` finds, in a child. Raises Unconvertible."""
    with TemporaryDirectory(prefix="pdf-") as folder, _on_disk(file) as source:
        return _result(source, LOOK, options, limits, Path(folder))


def counted(file: BinaryIO, limits: Limits) -> int:
    """How many pages there are, in a child. Raises Unconvertible."""
    with TemporaryDirectory(prefix="pdf-") as folder, _on_disk(file) as source:
        return int(_result(source, COUNT, Options(), limits, Path(folder))["pages"])


@contextmanager
def _on_disk(file: BinaryIO) -> Iterator[BinaryIO]:
    """The same bytes as a file of the system's, which another process can read from its beginning."""
    try:
        file.fileno()
    except (OSError, AttributeError):
        with TemporaryFile(prefix="pdf-") as copy:
            shutil.copyfileobj(file, copy, CHUNK_BYTES)
            copy.seek(0)
            yield copy
    else:
        file.seek(0)
        yield file


def _result(
    file: BinaryIO, does: str, options: Options, limits: Limits, folder: Path, tell: Tell | None = None
) -> dict[str, Any]:
    deadline = time.monotonic() + limits.seconds
    order = {"options": asdict(options), "limits": asdict(limits), "does": does}
    with _started(file, order, folder) as (process, report):
        for message in _lines(report, deadline):
            if "failed" in message:
                raise Unconvertible(*message["failed"])
            if "result" in message:
                result: dict[str, Any] = message["result"]
                return result
            if tell is not None:
                tell(message)
        raise _why_it_ended(process.wait())


@contextmanager
def _started(
    file: BinaryIO, order: dict[str, Any], folder: Path
) -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    reading, writing = (os.fdopen(end, mode, 0) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
    with reading:
        with writing:
            descriptors = file.fileno(), writing.fileno()
            process = subprocess.Popen(  # noqa: S603 (a program of ours, without a shell)
                [*COMMAND, *map(str, descriptors), str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=descriptors,
                env=ENVIRONMENT,
                cwd=folder,
                start_new_session=True,
            )
        try:
            assert process.stdin  # noqa: S101 (it is a pipe)
            with suppress(BrokenPipeError), process.stdin as stdin:
                stdin.write(json.dumps(order).encode())
            yield process, reading
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _lines(report: IO[bytes], deadline: float) -> Iterator[dict[str, Any]]:
    """What the child writes, until it ends. Raises Unconvertible where it takes too long."""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(report, selectors.EVENT_READ)
        while len(rest) < LONGEST_LINE:
            if not selector.select(max(deadline - time.monotonic(), 0)):
                raise Unconvertible("timeout", "the file needs more time than it may: choose fewer pages")
            chunk = os.read(report.fileno(), CHUNK_BYTES)
            if not chunk:
                return
            *lines, rest = (rest + chunk).split(b"\n")
            yield from map(json.loads, lines)


def _why_it_ended(code: int) -> Unconvertible:
    """It ended, and said nothing."""
    if code == -signal.SIGXCPU:
        return Unconvertible("timeout", "the file needs more processor time than it may: choose fewer pages")
    if code == -signal.SIGXFSZ:
        return Unconvertible("too_large", "the tables are larger than one task may make them")
    if code == -signal.SIGKILL:
        return Unconvertible(
            "out_of_memory", "what read the file was killed, as happens when memory runs out"
        )
    return Unconvertible("crashed", f"what read the file ended with code {code}")


@cache
def has_network() -> bool:
    """Whether a child on this machine keeps its network."""
    try:
        found = subprocess.run(  # noqa: S603 (a program of ours, without a shell)
            COMMAND, env=ENVIRONMENT, cwd="/", stdin=subprocess.DEVNULL, timeout=PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return True
    return found.returncode != 0
