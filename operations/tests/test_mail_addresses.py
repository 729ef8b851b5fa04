"""Which addresses are taken, and what mail servers and readers are told of them."""

from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from operations.mail.mailboxes import InvalidAddress, Mailbox, read_mailbox

LONG_DOMAIN = ".".join(["a" * 60] * 4)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("ann@example.com", "", "ann@example.com"),
        ("ann+news@example.com", "", "ann+news@example.com"),
        ("Ann.O'Hara@example.com", "", "Ann.O'Hara@example.com"),
        ("ann@EXAMPLE.com", "", "ann@example.com"),
        ("root@localhost", "", "root@localhost"),
        ("ann@mail.internal", "", "ann@mail.internal"),
        ("<ann@example.com>", "", "ann@example.com"),
        ("Ann <ann@example.com>", "Ann", "ann@example.com"),
        ("Ann<ann@example.com>", "Ann", "ann@example.com"),
        ("Zoë Müller <zoe@example.com>", "Zoë Müller", "zoe@example.com"),
        ("Doe, Ann (sales) <ann@example.com>", "Doe, Ann (sales)", "ann@example.com"),
        ('"Doe, Ann" <ann@example.com>', "Doe, Ann", "ann@example.com"),
        ('"Ann \\"the boss\\" O\\\\Hara" <ann@example.com>', 'Ann "the boss" O\\Hara', "ann@example.com"),
        ('"Doe <sales>" <ann@example.com>', "Doe <sales>", "ann@example.com"),
        ("bob@example.com <ann@example.com>", "bob@example.com", "ann@example.com"),
        ("ann@bücher.example", "", "ann@xn--bcher-kva.example"),
        ("ann@xn--bcher-kva.example", "", "ann@xn--bcher-kva.example"),
        ("ann@faß.example", "", "ann@xn--fa-hia.example"),  # IDNA 2003 made another domain of it
        ("ann@例え.jp", "", "ann@xn--r8jz45g.jp"),
        ("a" * 64 + "@example.com", "", "a" * 64 + "@example.com"),
        ("n" * 100 + " <ann@example.com>", "n" * 100, "ann@example.com"),
    ],
)
def test_an_address(text: str, name: str, address: str) -> None:
    assert read_mailbox(text) == Mailbox(name, address)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "must be an address such as ann@example.com"),
        ("ann", 'must be an address such as ann@example.com, got "ann"'),
        ("Ann <ann@example.com", "must be an address such as ann@example.com or Ann <ann@example.com>"),
        ("Ann <ann@example.com> x", "must be an address such as ann@example.com or Ann <ann@example.com>"),
        ("<<ann@example.com>>", "must be an address such as"),
        ('An"n <ann@example.com>', "must be an address such as"),
        ('"An\\" <ann@example.com>', "must be an address such as"),
        ('"An"n" <ann@example.com>', "must be an address such as"),
        ("An\\n <ann@example.com>", "must be an address such as"),
        ('"=\\?utf-8?q?Ann=0A?=" <ann@example.com>', 'must not contain "=?"'),
        ("@example.com", "before the @"),
        (" ann@example.com", 'ASCII letters, digits and signs before the @, got " ann"'),
        ("zoë@example.com", 'ASCII letters, digits and signs before the @, got "zoë"'),
        ("a..b@example.com", "before the @"),
        (".a@example.com", "before the @"),
        ('"a b"@example.com', "before the @"),
        ("a@b@example.com", "before the @"),
        ("ann@example.com,bob@example.com", "before the @"),
        ("a" * 65 + "@example.com", "must have 1 to 64 ASCII letters"),
        ("ann@", "must have a domain after the @"),
        ("ann@-example.com", "must have a domain after the @"),
        ("ann@exa mple.com", "must have a domain after the @"),
        ("ann@exa_mple.com", "must have a domain after the @"),
        ("ann@example.com ", "must have a domain after the @"),
        ("ann@example..com", "must have a domain after the @"),
        ("ann@xn--a.com", "must have a domain after the @"),
        ("ann@" + "a" * 64 + ".com", "must have a domain after the @"),
        ("ann@[127.0.0.1]", "must have a domain after the @"),
        ("ann@127.0.0.1", "must have the name of a domain after the @"),
        ("ann@example.com.", "must have the name of a domain after the @"),
        ("a" * 20 + "@" + LONG_DOMAIN, "must have at most 254 characters as an address, got 264"),
        ("n" * 101 + " <ann@example.com>", "must have at most 100 characters before the address, got 101"),
        ("=?utf-8?q?Ann=0A?= <ann@example.com>", 'must not contain "=?"'),
        ("ann@example.com\n", "other control characters, got U+000A at position 16"),
        ("ann@example.com\r\nBcc: bob@example.com", "control characters, got U+000D at position 16"),
        ("Ann\nBcc: bob@example.com\n <ann@example.com>", "control characters, got U+000A at position 4"),
        ("An\tn <ann@example.com>", "control characters, got U+0009 at position 3"),
        ("An\0n <ann@example.com>", "control characters, got U+0000 at position 3"),
        ("An\x85n <ann@example.com>", "control characters, got U+0085 at position 3"),
        ("An\u2028n <ann@example.com>", "control characters, got U+2028 at position 3"),
        ("ann\x7f@example.com", "control characters, got U+007F at position 4"),
    ],
)
def test_a_refusal_tells_why(text: str, reason: str) -> None:
    with pytest.raises(InvalidAddress) as caught:
        read_mailbox(text)
    assert reason in str(caught.value)


@given(st.text(max_size=60) | st.text('ann@example.com <>",\\\r\n\t=?', max_size=40))
@example("ann@\u3002")
@example("a@" + "\u0300" * 50)
def test_any_text_is_refused_or_stands_on_one_line_of_ascii(text: str) -> None:
    try:
        mailbox = read_mailbox(text)
    except InvalidAddress:
        return
    assert mailbox.in_header.isascii()
    assert mailbox.in_header.isprintable()
    assert parseaddr(mailbox.in_header)[1] == mailbox.address


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100))
@example("Ünï" * 33)
@example("Doe, Ann; (sales): [x] a@b")
def test_readers_see_the_name_that_was_written(name: str) -> None:
    if "=?" in name:
        return
    written = name.replace("\\", r"\\").replace('"', r"\"")
    shown, address = parseaddr(read_mailbox(f'"{written}" <ann@example.com>').in_header)
    assert (str(make_header(decode_header(shown))), address) == (name, "ann@example.com")
