"""Every path works with and without its trailing slash."""

import pytest

from testing.api import Api

pytestmark = pytest.mark.usefixtures("try_out")


@pytest.mark.parametrize("path", ["/echo/", "/echo"])
def test_it_works(api: Api, path: str) -> None:
    assert api.get(path).status == 200


@pytest.mark.parametrize("path", ["/echo/", "/echo"])
def test_a_post_keeps_its_body(api: Api, path: str) -> None:
    assert api.post(path, {"a": 1}).json == {"understood": {"a": 1}}


def test_the_query_is_kept(api: Api) -> None:
    assert api.get("/echo?a=1").status == 200


@pytest.mark.parametrize("path", ["/echo//", "//echo", "/nothing", "/exact/"])
def test_nothing_else_is_guessed(api: Api, path: str) -> None:
    api.get(path).problem(404, "not_found")


def test_a_path_without_a_slash_is_left_alone(api: Api) -> None:
    assert api.get("/exact").status == 200


def test_errors_are_the_same(api: Api) -> None:
    api.send("PUT", "/echo").problem(405, "method_not_allowed")
