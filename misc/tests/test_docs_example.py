"""The example of operations that must not repeat does what its page says of it."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from misc.markdown import read_page
from operations import Context, Operation, OperationError, catalogue
from testing.stack import PROJECT

PAGE = PROJECT / "docs/how-to/operations-that-must-not-repeat.md"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> dict[str, Operation]:
    """The operations of the page, in a catalogue that is forgotten afterwards."""
    (example,) = [block for block in read_page(PAGE).blocks if block.info == "python"]
    monkeypatch.setattr(catalogue, "_operations", {})
    exec(compile(example.text, PAGE, "exec"), {})  # noqa: S102 (our own page)
    return {operation.name.removeprefix("shop."): operation for operation in catalogue.all()}


class OtherSystem(ThreadingHTTPServer):
    """Does what it is told, once for each key, and may lose its answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.effects: list[Any] = []
        self.receipts: dict[str, str] = {}
        self.status = 200


class Handler(BaseHTTPRequestHandler):
    server: OtherSystem

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("Idempotency-Key")
        if key is None or key not in self.server.receipts:
            self.server.effects.append(body)
        if key is not None:
            self.server.receipts.setdefault(key, f"receipt {len(self.server.receipts) + 1}")
        answer = json.dumps({"receipt": self.server.receipts.get(key or "")}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def other_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtherSystem]:
    with OtherSystem() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        for name in ("SHOP_PAYMENTS", "SHOP_GATES"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}/")
        yield server
        server.shutdown()


def run(operation: Operation, arguments: dict[str, Any], attempt: int = 1) -> Any:
    return operation.run(operation.validate(arguments), Context("the-task", attempt))


class TestCharge:
    arguments = {"invoice": "2026-7", "cents": 995}

    def test_tries_whose_answer_was_lost_charge_once(
        self, shop: dict[str, Operation], other_system: OtherSystem
    ) -> None:
        other_system.status = 502
        with pytest.raises(HTTPError) as caught:
            run(shop["charge"], self.arguments, attempt=1)
        caught.value.close()
        other_system.status = 200
        assert run(shop["charge"], self.arguments, attempt=2) == "receipt 1"
        assert other_system.effects == [{"cents": 995}]

    def test_a_refusal_is_permanent(self, shop: dict[str, Operation], other_system: OtherSystem) -> None:
        other_system.status = 402
        with pytest.raises(OperationError) as caught:
            run(shop["charge"], self.arguments)
        assert isinstance(caught.value.__cause__, HTTPError)
        caught.value.__cause__.close()
        assert (caught.value.type, caught.value.permanent) == ("payment_refused", True)


def test_a_letter_is_written_once(
    shop: dict[str, Operation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_OUTBOX", str(tmp_path / "outbox"))
    connection = sqlite3.connect(tmp_path / "outbox")
    connection.execute("CREATE TABLE letter (key TEXT PRIMARY KEY, address TEXT, text TEXT)")
    for attempt in (1, 2):
        run(shop["write_letter"], {"address": "Elm Street 1", "text": "Dear Sir"}, attempt)
    assert connection.execute("SELECT * FROM letter").fetchall() == [("the-task", "Elm Street 1", "Dear Sir")]
    connection.close()


class TestOpenGate:
    def test_no_second_try_touches_the_gate(
        self, shop: dict[str, Operation], other_system: OtherSystem
    ) -> None:
        run(shop["open_gate"], {"gate": 3})
        with pytest.raises(OperationError) as caught:
            run(shop["open_gate"], {"gate": 3}, attempt=2)
        assert (caught.value.type, caught.value.permanent) == ("outcome_unknown", True)
        assert other_system.effects == [3]

    def test_it_has_one_try(self, shop: dict[str, Operation]) -> None:
        assert (shop["open_gate"].max_attempts, shop["open_gate"].idempotent) == (1, False)
