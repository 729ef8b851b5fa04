"""The text of the filter bar."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from dashboard.tasks.filter_bar import Wanted, quoted, read, terms_of, with_status, without

NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
SCHEDULE = UUID("01994f3c-8a00-7c3d-9f21-4b1f0a6de851")


def wanted(text: str) -> Wanted:
    return read(text, NOW, {"nightly report": SCHEDULE}.get)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("status:failure status:RETRY", {"status": ["FAILURE", "RETRY"]}),
        ("operation:sleep tag:night", {"operation": "sleep", "tag": "night"}),
        ('tag:"last night"', {"tag": "last night"}),
        ("priority:9", {"priority": 9}),
        (f"schedule:{SCHEDULE}", {"schedule": str(SCHEDULE)}),
        ('schedule:"nightly report"', {"schedule": str(SCHEDULE)}),
        ("age>2h", {"created_before": "2026-03-29T10:00:00Z"}),
        ("age<7d", {"created_after": "2026-03-22T12:00:00Z"}),
        ("created>2026-03-01", {"created_after": "2026-03-01T00:00:00Z"}),
        ("created<2026-03-01T02:00:00+02:00", {"created_before": "2026-03-01T00:00:00Z"}),
        ("fingerprint:0123456789abcdef", {"fingerprint": "0123456789abcdef"}),
    ],
)
def test_what_indexes_know(text: str, found: dict[str, object]) -> None:
    read_text = wanted(text)
    assert (read_text.filter, read_text.problems, read_text.is_free) == (found, (), False)


def test_what_no_index_knows() -> None:
    found = wanted('args.customer.id:42 args.name:"a b" error:timeout error:"disk full"')
    assert found.arguments == ((("customer", "id"), "42"), (("name",), "a b"))
    assert found.errors == ("timeout", "disk full")
    assert found.is_free


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "write one of"),
        ("colour:red", "write one of"),
        ("status:broken", "is one of"),
        ("priority:12", "is 0 to 9"),
        ("tag:a\0b", "NUL"),
        ("priority>3", "colon"),
        ("age:2h", "age>2h"),
        ("age>2", "number with"),
        ("age>999999d", "too far"),
        ("created>soon", "date or a time"),
        ("created>0001-01-01T00:00:00+02:00", "too far"),
        ("schedule:other", "no schedule"),
        ("fingerprint:xyz", "16 characters"),
        ("args.:1", "args.path:value"),
        ("args.a..b:1", "args.path:value"),
        ("operation:", "missing"),
        ("operation:a operation:b", "another one"),
        (" ".join(["tag:x"] * 30), "too long"),
        ("tag:" + "x" * 2_000, "too long"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, says: str) -> None:
    assert any(says in problem for problem in wanted(text).problems)


@pytest.mark.parametrize(
    "text", ['"', "::", "<script>", "a\0b", "\u202e:x", '""""', "args.x:%s", "-:", "(" * 900]
)
def test_nothing_is_too_strange(text: str) -> None:
    for term in terms_of(text):
        assert term.text in text
    wanted(text)


def test_other_texts_made_of_one() -> None:
    terms = terms_of('status:failure tag:"a b" status:retry')
    assert without(terms, terms[1]) == "status:failure status:retry"
    assert with_status(terms, "SUCCESS") == 'status:success tag:"a b"'
    assert with_status(terms, None) == 'tag:"a b"'
    assert quoted("a b") == '"a b"'
    assert quoted('a"b') == "ab"
