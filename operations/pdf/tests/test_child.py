"""The child process: a hostile file costs one task, and nothing else."""

import io
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest

from operations.pdf import running
from operations.pdf.failures import ERRORS, Unconvertible
from operations.pdf.options import CONVERT, Limits, Options
from operations.pdf.running import converted, has_network, looked_at
from operations.pdf.tests import hostile
from operations.pdf.tests.samples import sample

HOSTILE = hostile.make()
ALL = Options()
TIGHT = Limits(seconds=20, memory_bytes=512 << 20)
ORDER = {"options": asdict(ALL), "limits": asdict(TIGHT), "does": CONVERT}
EXPECTED = {
    "nothing": "not_a_pdf",
    "text": "not_a_pdf",
    "an archive": "not_a_pdf",
    "a head and noise": "damaged",
    "no pages": "damaged",
    "3,000 pages": "too_many_pages",
    "a bomb in a page": "out_of_memory",
    "a password": "encrypted",
    "an unknown encryption": "encrypted",
}


def tell_nobody(_message: dict[str, Any]) -> None:
    pass


def failure_of(pdf: bytes, limits: Limits = TIGHT, options: Options = ALL) -> Unconvertible:
    with pytest.raises(Unconvertible) as caught, converted(io.BytesIO(pdf), options, limits, tell_nobody):
        pass
    return caught.value


def outcome_of(pdf: bytes) -> str:
    """The type of the error; "none" where what is left of a file has a table."""
    try:
        with converted(io.BytesIO(pdf), ALL, TIGHT, tell_nobody):
            return "none"
    except Unconvertible as error:
        return error.type


def test_there_are_thirty() -> None:
    assert len(HOSTILE) == 30
    assert set(EXPECTED) <= set(HOSTILE)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_with_an_error_of_its_own_and_leaves_nothing(name: str) -> None:
    others = psutil.Process().children()
    type_of_error = outcome_of(HOSTILE[name])
    assert type_of_error == EXPECTED.get(name, type_of_error)
    assert type_of_error in {"none", *ERRORS}
    assert set(psutil.Process().children()) <= set(others)


def test_a_file_and_its_neighbours_are_read_after_that(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(sample(2, is_ruled=True).pdf)
    told: list[dict[str, Any]] = []
    with path.open("rb") as file, converted(file, Options(), TIGHT, told.append) as (result, folder):
        assert [table["rows"] for table in result["files"]] == [6, 5]
        assert sorted(each.name for each in folder.iterdir()) == ["1.csv", "2.csv"]
    assert told == [{"page": 1, "done": 1, "of": 1, "rows": 11}]
    assert not folder.exists()


def test_time_is_bounded() -> None:
    assert failure_of(HOSTILE["a million lines"], Limits(seconds=0.05)).type == "timeout"


def test_memory_is_bounded() -> None:
    assert failure_of(sample(1, is_ruled=True).pdf, Limits(memory_bytes=40 << 20)).type in (
        "out_of_memory",
        "crashed",
    )


def test_pages_and_tables_and_files_are_bounded() -> None:
    assert failure_of(sample(7, is_ruled=True).pdf, Limits(pages=1)).type == "too_many_pages"
    assert failure_of(sample(2, is_ruled=True).pdf, Limits(tables=1)).type == "too_many_tables"
    assert failure_of(sample(1, is_ruled=True).pdf, Limits(file_bytes=100)).type == "too_large"


def test_a_page_that_is_not_there() -> None:
    error = failure_of(sample(0, is_ruled=True).pdf, options=Options(pages="7-9"))
    assert (error.type, error.message) == ("no_such_pages", "there is no page 7-9: the file has 1")


@contextmanager
def started() -> Iterator["subprocess.Popen[bytes]"]:
    file = io.BytesIO(HOSTILE["a million lines"])
    with (
        running._on_disk(file) as source,
        running._started(source, ORDER, Path("/")) as (process, _),
    ):
        yield process


def test_it_knows_nothing_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://user:password@db/punctual")
    with started() as process:
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
        assert b"password" not in environment
        open_files = {str(each.readlink()) for each in Path(f"/proc/{process.pid}/fd").iterdir()}
    assert not any("socket:" in each for each in open_files)


def test_it_is_ended_with_whoever_waits_for_it() -> None:
    with started() as process:
        pass
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(has_network(), reason="this machine does not let a process give up its network")
def test_it_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = (
            "import socket; from operations.pdf.confinement import leave_network; leave_network(); "
            f"socket.create_connection(('127.0.0.1', {port}), 5)"
        )
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Network is unreachable" in ended.stderr


def test_one_page_is_looked_at() -> None:
    known = sample(7, is_ruled=True)
    found = looked_at(io.BytesIO(known.pdf), Options(pages="-1"), TIGHT)
    (table,) = found["tables"]
    assert (found["page"], found["images"]) == (2, 0)
    assert table["first_rows"] == known.tables[1]
    assert (table["rows"], table["columns"], table["strategy"], table["confidence"]) == (7, 5, "ruled", 1.0)
    left, top, right, bottom = table["box"]
    assert 0 < left < right < found["width"]
    assert 0 < top < bottom < found["height"]
    assert all(len(word) == 4 for word in found["words"])


def test_who_looks_at_a_hostile_page_is_told_why_not() -> None:
    with pytest.raises(Unconvertible) as caught:
        looked_at(io.BytesIO(HOSTILE["a bomb in a page"]), ALL, TIGHT)
    assert caught.value.type == "out_of_memory"
