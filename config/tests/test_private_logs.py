"""What a process logs and prints after it has read a secret. Each test has a process of its own."""

import subprocess
import sys

import pytest

from config.private_logs import MOST_VALUES, PrivateStream
from log_lines.prints import Printed, unwrapped
from testing.stack import PROJECT

VALUE = "correct horse"
BEGIN = f"""
import logging, sys, threading, warnings
logging.basicConfig(level="DEBUG", format="%(message)s")
from config.private_logs import keep_private
keep_private({VALUE!r})
value = {VALUE!r}
"""


def output_of(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("logging.info(f'a {value}!')", "a ***!"),
        ("logging.info('a %s!', value)", "a ***!"),
        ("logging.getLogger('x.y').info('a %(v)s!', {'v': [value]})", "a ['***']!"),
        ("logging.info({'v': value.encode()})", "{'v': b'***'}"),
        ("try: int(value)\nexcept ValueError: logging.exception('oh')", "'***'"),
        ("logging.error('oh', exc_info=ValueError(value))", "ValueError: ***"),
        ("print('a', value)", "a ***"),
        ("sys.stderr.write(value)", "***"),
        ("print(repr(value), file=sys.stderr, flush=True)", "'***'"),
        ("sys.exit(value)", "***"),
        ("warnings.warn(value)", "UserWarning: ***"),
        ("raise ValueError(value)", "ValueError: ***"),
        ("t = threading.Thread(target=int, args=[value]); t.start(); t.join()", "ValueError: "),
        ("sys.stdout.writelines([value])", "***"),
    ],
)
def test_it_is_hidden(code: str, shown: str) -> None:
    output = output_of(code)
    assert shown in output
    assert VALUE not in output


def test_what_a_handler_of_before_writes() -> None:
    code = "import io; s = io.StringIO(); logging.getLogger().addHandler(logging.StreamHandler(s))\n"
    assert output_of(code + "logging.error(value); print(len(s.getvalue()))").endswith("4\n***\n")


def test_later_secrets_are_hidden_too() -> None:
    output = output_of("keep_private('battery staple'); print(value, 'battery staple')")
    assert output == "*** ***\n"


def test_the_oldest_of_many_are_forgotten() -> None:
    output = output_of(
        f"for n in range({MOST_VALUES}): keep_private(f'battery staple {{n}}')\nprint(value, 'battery staple 7')"
    )
    assert output == f"{VALUE} ***\n"


def test_a_stream_that_hides_secrets_is_known_by_what_it_stands_for() -> None:
    """Or each process that has read a secret would pass for one that an operation has spoilt."""
    printed = Printed(sys.stderr, "stderr")
    assert unwrapped(PrivateStream(printed)) is printed
    assert unwrapped(sys.stderr) is sys.stderr
