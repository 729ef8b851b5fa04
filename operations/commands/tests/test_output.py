"""What is kept of what a command writes."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from operations.commands.output import KEPT_BYTES, MARGIN_BYTES, Output
from values.storable import MAX_BYTES, storable

MOST = 2 * (KEPT_BYTES + MARGIN_BYTES)
SECRET = "correct horse battery"


def output(*chunks: bytes) -> Output:
    one = Output(lambda text: text.replace(SECRET, "***"))
    for chunk in chunks:
        one.add(chunk)
    return one


@given(st.lists(st.binary()))
def test_little_output_is_kept_whole(chunks: list[bytes]) -> None:
    one = output(*chunks)
    whole = b"".join(chunks).decode(errors="replace")
    assert (one.text(), one.truncated) == (whole.replace("\0", "\N{REPLACEMENT CHARACTER}"), False)
    assert json.loads(storable(one.text())) == one.text()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 3 * MOST), st.integers(1_000, 70_000))
def test_of_much_output_the_beginning_and_the_end_are_kept(size: int, chunk: int) -> None:
    data = b"".join(b"%07d\n" % number for number in range(size // 8))
    one = output(*(data[at : at + chunk] for at in range(0, len(data), chunk)))
    text = one.text()
    assert one.truncated == (len(data) > MOST)
    assert text.startswith(data[:KEPT_BYTES].decode())
    assert text.endswith(data[-KEPT_BYTES:].decode() if data else "")
    assert len(text) < MOST + 100
    if one.truncated:
        assert f"[... about {len(data) - 2 * KEPT_BYTES} bytes left out ...]" in text


def test_the_worst_of_two_streams_fits_into_a_result() -> None:
    worst = output(b"\x01" * 10 * MOST).text(), output(b"\xff" * 10 * MOST).text()
    assert len(storable({"stdout": worst[0], "stderr": worst[0]})) <= MAX_BYTES
    assert len(storable({"stdout": worst[1], "stderr": worst[1]})) <= MAX_BYTES


def test_no_part_of_a_secret_is_left_where_the_output_is_cut() -> None:
    for shift in range(len(SECRET)):
        data = b"." * shift + SECRET.encode() * (4 * MOST // len(SECRET))
        text = output(data).text()
        assert "battery" not in text
        assert "corr" not in text


def test_nor_where_a_line_is_cut() -> None:
    for shift in range(len(SECRET)):
        one = output(b"." * shift + SECRET.encode() * 1_000 + b"\n")
        assert set(one.new_line()) <= {".", "*"}


def test_the_last_line_is_a_whole_one_with_something_in_it() -> None:
    one = output(b"first\nsecond\r\n\n   \npart")
    assert one.new_line() == "second"
    assert one.new_line() == ""
    one.add(b" of a line\r")
    assert one.new_line() == "part of a line"
    one.add(b"10%\r20%\r30%\r")
    assert one.new_line() == "30%"


def test_of_an_endless_line_the_beginning_is_told() -> None:
    one = output(b"beginning")
    for _ in range(100):
        one.add(b"x" * 10_000)
    assert one.new_line() == ""
    one.add(b"\n")
    assert one.new_line().startswith("beginningxxx")
    assert len(one.new_line()) < 5_000
