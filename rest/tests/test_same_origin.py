"""Pages of other sites cannot change anything, whatever they make a browser send."""

import pytest
from django.test import Client

HERE = "localhost:8000"
ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": f"http://{HERE}.evil.example"},
    {"Origin": f"http://{HERE}@evil.example"},
    {"Origin": "http://localhost:9000"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": f"http://{HERE}"},
    {"Sec-Fetch-Site": ""},
]
FROM_HERE = [
    {},
    {"Origin": f"http://{HERE}"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://in-front-of-a-proxy.example"},
    {"Sec-Fetch-Site": "none"},
]


def status(method: str, path: str, headers: dict[str, str]) -> int:
    return Client().generic(method, path, headers={"Host": HERE, **headers}).status_code


@pytest.mark.parametrize("headers", ELSEWHERE)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/tasks/cancel/"), ("DELETE", "/no/such/"), ("PUT", "/")]
)
def test_from_elsewhere_it_is_refused(method: str, path: str, headers: dict[str, str]) -> None:
    assert status(method, path, headers) == 403


def test_the_answer_says_why() -> None:
    answer = Client().post("/tasks/cancel/", headers={"Host": HERE, "Sec-Fetch-Site": "cross-site"})
    assert answer.json()["detail"] == "pages of other sites must not change anything here"


@pytest.mark.parametrize("headers", FROM_HERE)
def test_from_here_it_is_not(headers: dict[str, str]) -> None:
    assert status("POST", "/operations/", headers) == 405


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_whoever_only_looks_may(headers: dict[str, str]) -> None:
    assert status("GET", "/operations/", headers) == 200


@pytest.mark.parametrize("path", ["/operations/", "/no/such/"])
def test_no_page_stands_in_a_frame(path: str) -> None:
    assert Client().get(path, headers={"Host": HERE}).headers["X-Frame-Options"] == "DENY"
