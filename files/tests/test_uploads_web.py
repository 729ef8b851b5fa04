"""Uploads over real connections: in constant memory, and cut off again and again."""

import hashlib
import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from testing.api import Api
from testing.away import LOOPBACK
from testing.concurrency import eventually
from testing.web import Web, running_web

pytestmark = pytest.mark.django_db(transaction=True)

PIECE = os.urandom(256 * 1024)
CUTS = 20
MEBIBYTES = 200
MOST_GROWTH_KB = 60_000


def memory_kb(process: "subprocess.Popen[bytes]") -> int:
    """Of the server and the processes that it started, the most that each ever had."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    peaks = [
        int(line.split()[1])
        for pid in children
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    return max(peaks)


def head(server: Web, method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {LOOPBACK}:{server.port}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def test_an_upload_that_is_cut_twenty_times_is_whole(web: Web, api: Api) -> None:
    content = PIECE * 4
    begun = web.send(head(web, "POST", f"/files/?name=a.bin&size={len(content)}", "Content-Length: 0"))
    assert begun.status == 201
    path = f"/files/{json.loads(begun.content)['id']}/"
    step = len(content) // (CUTS + 1)
    for _ in range(CUTS):
        offset = api.get(path).json["offset"]
        with socket.create_connection((LOOPBACK, web.port), timeout=30) as wire:
            left = len(content) - offset
            wire.sendall(head(web, "PATCH", path, f"Upload-Offset: {offset}", f"Content-Length: {left}"))
            wire.sendall(content[offset : offset + step])
        eventually(lambda before=offset: api.get(path).json["offset"] > before)  # type: ignore[misc]
    offset = api.get(path).json["offset"]
    rest = content[offset:]
    answer = web.send(
        head(web, "PATCH", path, f"Upload-Offset: {offset}", f"Content-Length: {len(rest)}"), rest
    )
    assert (answer.status, answer.json["sha256"]) == (200, hashlib.sha256(content).hexdigest())
    assert api.delete(path).status == 204


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_large_upload_needs_no_memory(tmp_path: Path, is_chunked: bool) -> None:
    with running_web(tmp_path) as (server, process):
        small = server.send(
            head(server, "POST", "/files/?name=a.bin", f"Content-Length: {len(PIECE)}"), PIECE
        )
        assert small.status == 201, small.content
        before = memory_kb(process)
        count = MEBIBYTES * 4
        framed = f"{len(PIECE):x}\r\n".encode() + PIECE + b"\r\n" if is_chunked else PIECE
        length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {count * len(PIECE)}"
        parts = [framed] * count + ([b"0\r\n\r\n"] if is_chunked else [])
        answer = server.send(head(server, "POST", "/files/?name=b.bin", length), *parts)
        assert (answer.status, answer.json["size"]) == (201, count * len(PIECE))
        assert memory_kb(process) - before < MOST_GROWTH_KB
