"""Which failures are the same."""

import time

import pytest

from tasks_api.database import fetch_one
from tasks_api.fingerprints import fingerprint_of, fingerprint_sql, pattern_of


@pytest.mark.parametrize(
    ("message", "pattern"),
    [
        ("could not convert 'abc' to float", "could not convert '…' to float"),
        ('no table "orders", `x` is missing', 'no table "…", `…` is missing'),
        ("it doesn't answer, and I don't know why", "it doesn't answer, and I don't know why"),
        ("no task 01994f3c-8a00-7c3d-9f21-4b1f0a6de851", "no task <uuid>"),
        ("late since 2026-03-29T01:30:00.125Z, not 2026-03-29", "late since <time>, not <time>"),
        ("at 0x7f3a2c, commit deadbeef12", "at <hex>, commit <hex>"),
        ("effaced facade", "effaced facade"),
        ("took 12.5 s of 3,000 at 10.0.0.1:5432", "took <n> s of <n> at <n>:<n>"),
        ("a\n\n  b", "a b"),
        ("", ""),
    ],
)
def test_what_is_folded(message: str, pattern: str) -> None:
    assert pattern_of(message) == pattern


def test_what_makes_a_difference() -> None:
    error = {"type": "OSError", "message": "disk 7 is full", "permanent": False}
    same = {"type": "OSError", "message": "disk 12 is full", "permanent": True, "traceback": "…"}
    assert fingerprint_of("copy", error) == fingerprint_of("copy", same)
    others = [
        fingerprint_of("move", error),
        fingerprint_of("copy", {**error, "type": "IOError"}),
        fingerprint_of("copy", {**error, "message": "disk 7 is gone"}),
        fingerprint_of("copy", {}),
    ]
    assert len({fingerprint_of("copy", error), *others}) == 5


@pytest.mark.parametrize("part", ["'", '"', "`", "0x", "1", "a1", "2026-03-29T", "-", " ", "\ud800", "\0"])
def test_hostile_messages_cost_their_length(part: str) -> None:
    began = time.process_time()
    for _ in range(20):
        assert len(fingerprint_of("x", {"type": part, "message": part * (2000 // len(part))})) == 16
    assert time.process_time() - began < 2


@pytest.mark.django_db
def test_postgres_computes_the_same() -> None:
    error = {"type": "lost", "message": "the worker that ran attempt 1 is gone"}
    row = fetch_one(f"SELECT {fingerprint_sql(error)} FROM (SELECT 'größe' AS operation) AS row", [])  # noqa: S608
    assert row == (fingerprint_of("größe", error),)
