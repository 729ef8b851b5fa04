import pytest

from log_lines.formatting import PlainFormatter
from rest.middleware import current_request_id
from testing.api import Api

pytestmark = pytest.mark.usefixtures("try_out")


def test_it_works(api: Api) -> None:
    answer = api.get("/echo/", x_request_id="order-7.A_1")
    assert answer.headers["X-Request-ID"] == "order-7.A_1"
    assert answer.json == {"request_id": "order-7.A_1"}


def test_each_request_gets_another(api: Api) -> None:
    ids = {api.get("/echo/").headers["X-Request-ID"] for _ in range(10)}
    assert len(ids) == 10
    assert all(len(request_id) == 32 for request_id in ids)


@pytest.mark.parametrize(
    "hostile", ["", "a b", "a\tb", "<script>", "a" * 101, "é", "a,b", "${jndi:x}", "a\r\nSet-Cookie: b=1"]
)
def test_it_replaces_what_could_do_harm(api: Api, hostile: str) -> None:
    answer = api.get("/echo/", x_request_id=hostile)
    assert answer.headers["X-Request-ID"] != hostile
    assert len(answer.json["request_id"]) == 32


def test_the_longest_is_kept(api: Api) -> None:
    assert api.get("/echo/", x_request_id="a" * 100).headers["X-Request-ID"] == "a" * 100


@pytest.mark.parametrize("path", ["/nothing/", "/broken/", "/outside/broken/", "/refusing/conflict/"])
def test_errors_tell_it(api: Api, path: str) -> None:
    answer = api.get(path, x_request_id="mine")
    assert answer.headers["X-Request-ID"] == answer.json["request_id"] == "mine"


def test_it_ends_with_the_request(api: Api) -> None:
    api.get("/echo/", x_request_id="mine")
    assert current_request_id() is None


def test_lines_of_the_log_tell_it(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(PlainFormatter())
    api.get("/broken/", x_request_id="mine")
    assert "ERROR rest.handlers unexpected error request_id=mine\n" in caplog.text
