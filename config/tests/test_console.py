"""The console of `make run`, and whoever reads it."""

import os
from contextlib import suppress

from config.stack.console import Console
from testing.concurrency import apart, eventually


def test_a_reader_that_pauses_hinders_no_stop() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as reader, os.fdopen(writing, "w") as stream:
        console = Console(stream)
        console.say("begun", "web")
        os.set_blocking(writing, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writing, b"." * 1024)
        os.set_blocking(writing, True)
        program = apart(lambda: console.say("a line", "web"))
        eventually(console._one_at_a_time.locked)
        assert not program.done()
        console.hurry()
        console.say("stopping")
        program.result(60)
        assert reader.readline() == "web      | begun\n"
