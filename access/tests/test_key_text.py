"""The text of a key."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.key_text import ALPHABET, NoKey, new_key, read_key

A_KEY = "pct_000000000000_00000000000000000000000000000000"


def test_its_form() -> None:
    key = new_key()
    assert re.fullmatch(r"pct_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}", key.text)
    assert read_key(key.text) == key
    assert key.last_characters == key.text[-4:]
    assert len(key.digest) == 32


def test_no_two_are_the_same() -> None:
    assert len({new_key().text for _ in range(100)} | {new_key("0" * 12).text for _ in range(100)}) == 200


def test_a_new_secret_for_the_same_id() -> None:
    assert new_key("A" * 12).id == "A" * 12


def test_nothing_shows_it() -> None:
    key = new_key()
    assert key.text not in repr(key)


def test_the_checksum_is_crc32_in_base62() -> None:
    # Told here once and for all: scanners and misc/make-env.sh compute it, too.
    assert read_key(f"{A_KEY}08Jccz").id == "0" * 12


@given(place=st.integers(4, 54), character=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_seen(place: int, character: str) -> None:
    text = new_key().text
    wrong = text[:place] + character + text[place + 1 :]
    if wrong != text:
        with pytest.raises(NoKey):
            read_key(wrong)


@given(st.text())
def test_other_texts_are_no_keys(text: str) -> None:
    with pytest.raises(NoKey):
        read_key(text)


@pytest.mark.parametrize(
    "change", [str.lower, lambda text: text + "\n", lambda text: f" {text}", lambda text: text[:-1]]
)
def test_nothing_is_forgiven(change) -> None:  # type: ignore[no-untyped-def]
    text = f"{A_KEY}08Jccz"
    with pytest.raises(NoKey):
        read_key(change(text) if change(text) != text else "")
