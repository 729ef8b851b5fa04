import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tasks_api.database import fetch_one
from tasks_api.ids import new_id


def test_it_works() -> None:
    number = new_id()
    assert (number.version, number.variant) == (7, "specified in RFC 4122")


def test_each_is_greater_than_the_one_before() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert [str(each) for each in ids] == sorted(str(each) for each in ids)


def test_it_begins_with_the_time() -> None:
    before = time.time_ns() // 1_000_000
    stamp = new_id().int >> 80
    after = time.time_ns() // 1_000_000
    assert before <= stamp <= after + 10  # those made just before in this process may have run ahead


def test_a_clock_that_steps_back_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert before < new_id() < new_id()


def test_threads_never_get_the_same() -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = [
            each
            for found in threads.map(lambda _: [new_id() for _ in range(500)], range(8))
            for each in found
        ]
    assert len(set(ids)) == 4_000


@pytest.mark.django_db
def test_postgres_sees_the_same() -> None:
    number = new_id()
    row = fetch_one(
        "SELECT uuid_extract_version(%(id)s), abs(extract(epoch FROM uuid_extract_timestamp(%(id)s) - now())) < 3600",
        {"id": number},
    )
    assert row == (7, True)


@pytest.mark.django_db
def test_postgres_sorts_them_alike() -> None:
    ids = [new_id() for _ in range(1_000)]
    row = fetch_one("SELECT array_agg(id ORDER BY id)::text[] FROM unnest(%s::uuid[]) AS id", [ids[::-1]])
    assert row == ([str(each) for each in ids],)
