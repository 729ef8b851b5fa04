"""The receiver of webhooks that the documentation shows believes what is signed, and nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from misc.markdown import read_page
from operations import OperationError, catalogue, testing
from testing.concurrency import PATIENCE_SECONDS
from testing.peers import LOOPBACK_ALLOWED
from testing.ports import own_port
from testing.stack import PROJECT

PAGE = read_page(PROJECT / "docs/how-to/call-other-systems.md")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver:
    """The page's program, running."""

    def __init__(self, path: Path) -> None:
        self.port = own_port()
        self.process = subprocess.Popen(
            [sys.executable, path, str(self.port)],
            env={**os.environ, "HOOK_SECRET": SECRET},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def send(self, **arguments: Any) -> Any:
        given = {"url": f"http://127.0.0.1:{self.port}/", "body": {"json": {"order": 17}}, **arguments}
        with testing.configured(http=LOOPBACK_ALLOWED):
            return testing.run("http_request", given).result

    def output(self) -> str:
        self.process.terminate()
        return self.process.communicate(timeout=PATIENCE_SECONDS)[0]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """It, once it listens."""
    [program] = [block.text for block in PAGE.blocks if block.info == "python"]
    path = tmp_path / "receiver.py"
    path.write_text(program)
    running = Receiver(path)
    try:
        _wait(running)
        yield running
    finally:
        running.process.kill()
        running.process.communicate()


def _wait(receiver: Receiver) -> None:
    while receiver.process.poll() is None:
        try:
            receiver.send()
        except OperationError as error:
            if error.type == "unexpected_status":
                return
    pytest.fail("the receiver does not start")


def refusal(receiver: Receiver, **arguments: Any) -> str:
    with pytest.raises(OperationError) as refused:
        receiver.send(**arguments)
    return refused.value.message


def test_what_is_signed_is_taken_once(receiver: Receiver) -> None:
    for _ in range(2):
        assert receiver.send(signing_secret=SECRET)["status"] == 204
    assert receiver.output() == "got {'order': 17}\n"


def test_what_is_not_signed_is_refused(receiver: Receiver) -> None:
    assert "401" in refusal(receiver)
    assert "401" in refusal(receiver, signing_secret="whsec_" + "A" * 32)
    assert receiver.output() == ""


def test_every_task_that_is_shown_is_taken() -> None:
    shown = [json.loads(block.text) for block in PAGE.blocks if block.info == "json"]
    assert shown
    for task in shown:
        catalogue.get(task["operation"]).validate(task["arguments"], lambda _: True)
