"""The pages of a list: nothing is shown twice, nothing is left out."""

import base64
from typing import Any

import pytest

from tasks_api.ids import new_id
from tasks_api.lifecycle import Status
from testing.api import Answer, Api
from testing.factories import make_task

pytestmark = pytest.mark.django_db


def shown(answer: Answer) -> list[int]:
    return [task["priority"] for task in answer.json["results"]]


@pytest.fixture
def seven() -> None:
    """Tasks of the priorities 1 to 7, of which 7 is the newest."""
    for priority in range(1, 8):
        make_task(priority=priority)


@pytest.mark.usefixtures("seven")
class TestPages:
    def test_it_works(self, api: Api) -> None:
        first = api.get("/tasks/?limit=3")
        middle = api.get(first.json["next"])
        last = api.get(middle.json["next"])
        assert [shown(page) for page in (first, middle, last)] == [[7, 6, 5], [4, 3, 2], [1]]
        assert first.json["previous"] is None
        assert last.json["next"] is None

    def test_there_is_a_way_back(self, api: Api) -> None:
        last = api.get(api.get(api.get("/tasks/?limit=3").json["next"]).json["next"])
        middle = api.get(last.json["previous"])
        first = api.get(middle.json["previous"])
        assert [shown(page) for page in (middle, first)] == [[4, 3, 2], [7, 6, 5]]
        assert first.json["previous"] is None
        assert shown(api.get(first.json["next"])) == [4, 3, 2]

    def test_a_last_page_may_be_full(self, api: Api) -> None:
        assert api.get("/tasks/?limit=7").json["next"] is None

    def test_addresses_are_whole_and_keep_the_question(self, api: Api) -> None:
        address = api.get("/tasks/?limit=3&status=PENDING&status=RETRY").json["next"]
        assert address.startswith("http://testserver/tasks/?limit=3&status=PENDING&status=RETRY&cursor=")
        assert shown(api.get(address)) == [4, 3, 2]

    def test_they_are_in_the_header_too(self, api: Api) -> None:
        first = api.get("/tasks/?limit=3")
        assert first.headers["Link"] == f'<{first.json["next"]}>; rel="next"'
        middle = api.get(first.json["next"])
        assert middle.headers["Link"] == (
            f'<{middle.json["next"]}>; rel="next", <{middle.json["previous"]}>; rel="prev"'
        )

    def test_what_is_new_moves_nothing(self, api: Api) -> None:
        first = api.get("/tasks/?limit=3")
        make_task(priority=8)
        middle = api.get(first.json["next"])
        assert shown(middle) == [4, 3, 2]
        newer = api.get(middle.json["previous"])
        assert shown(newer) == [7, 6, 5]
        assert shown(api.get(newer.json["previous"])) == [8]

    def test_what_is_gone_moves_nothing(self, api: Api) -> None:
        first = api.get("/tasks/?limit=3")
        api.delete(f"/tasks/{first.json['results'][-1]['id']}/")
        assert shown(api.get(first.json["next"])) == [4, 3, 2]

    def test_filters_apply_to_every_page(self, api: Api) -> None:
        for _ in range(3):
            make_task(Status.SUCCESS, priority=0)
        first = api.get("/tasks/?limit=4&status=PENDING")
        assert shown(first) + shown(api.get(first.json["next"])) == [7, 6, 5, 4, 3, 2, 1]

    def test_the_slash_is_optional_on_the_way(self, api: Api) -> None:
        assert shown(api.get(api.get("/tasks?limit=3").json["next"])) == [4, 3, 2]


def forged(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "7",
        "null",
        "é",
        "=",
        "a" * 100,
        forged(b"x" + bytes(16)),
        forged(b"n"),
        forged(b"n" + bytes(15)),
        forged(b"n" + bytes(17)),
    ],
)
def test_a_cursor_that_is_not_ours(api: Api, cursor: str) -> None:
    detail = "must be the cursor of a `next` or `previous` link"
    assert api.get(f"/tasks/?cursor={cursor}").errors() == [("cursor", "invalid_cursor", detail)]


def test_a_cursor_that_is_too_long(api: Api) -> None:
    ((where, code, _),) = api.get(f"/tasks/?cursor={'a' * 101}").errors()
    assert (where, code) == ("cursor", "max_length")


@pytest.mark.parametrize(
    ("edge", "expected"),
    [(b"n" + bytes(16), []), (b"n" + b"\xff" * 16, [5]), (b"p" + b"\xff" * 16, []), (b"p" + bytes(16), [5])],
)
def test_a_cursor_may_stand_anywhere(api: Api, edge: bytes, expected: list[Any]) -> None:
    make_task()
    assert shown(api.get(f"/tasks/?cursor={forged(edge)}")) == expected


def test_an_empty_cursor_is_none(api: Api) -> None:
    make_task(id=new_id())
    assert shown(api.get("/tasks/?cursor=")) == [5]


class TestLongPages:
    """Rows may be large: a page ends early, and the next one goes on."""

    @pytest.fixture
    def large(self) -> list[str]:
        """The ids of 30 tasks, the newest first, of which every other has a large result."""
        tasks = [
            make_task(Status.SUCCESS, result="x" * (900_000 if number % 2 else 1)) for number in range(30)
        ]
        return [str(task.id) for task in tasks[::-1]]

    @pytest.mark.parametrize("query", ["limit=500", "limit=12", "limit=9"])
    def test_they_are_split_and_nothing_is_lost(self, api: Api, large: list[str], query: str) -> None:
        pages = [api.get(f"/tasks/?{query}")]
        while pages[-1].json["next"]:
            pages.append(api.get(pages[-1].json["next"]))
        assert [task["id"] for page in pages for task in page.json["results"]] == large
        assert all(len(page.content) < 8.5 * 1024 * 1024 for page in pages)
        assert pages[0].json["previous"] is None

    def test_so_is_the_way_back(self, api: Api, large: list[str]) -> None:
        last = api.get("/tasks/?limit=500")
        while last.json["next"]:
            last = api.get(last.json["next"])
        found = [last.json["results"]]
        while last.json["previous"]:
            last = api.get(last.json["previous"])
            found.insert(0, last.json["results"])
        assert [task["id"] for page in found for task in page] == large

    def test_a_page_of_many_small_rows_is_whole(self, api: Api) -> None:
        ids = [str(make_task().id) for _ in range(110)][::-1]
        answer = api.get("/tasks/?limit=105").json
        assert [task["id"] for task in answer["results"]] == ids[:105]
        assert [task["id"] for task in api.get(answer["next"]).json["results"]] == ids[105:]
