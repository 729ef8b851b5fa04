"""Addresses that are no text are refused, and not taken for other text."""

import pytest

from testing.api import Api
from testing.web import Web

BROKEN = ["%ff", "caf%e9", "%c0%af", "%ed%a0%80", "%C3%28", "a%FFb"]
WHOLE = ["%C3%A9", "%F0%9F%9A%80", "%25ff", "100%", "%zz", "+"]


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.usefixtures("try_out")
def test_a_query_that_is_no_utf8(api: Api, method: str, text: str) -> None:
    for query in (f"a={text}", f"{text}=a", text):
        problem = api.send(method, f"/echo/?{query}").problem(400, "bad_request")
        assert "UTF-8" in problem["detail"]


@pytest.mark.parametrize("text", [*WHOLE, "é"])
@pytest.mark.usefixtures("try_out")
def test_a_query_that_is(api: Api, text: str) -> None:
    assert api.get(f"/echo/?a={text}").status == 200


@pytest.mark.django_db(transaction=True)
class TestTheWebServer:
    @pytest.mark.parametrize("text", BROKEN)
    def test_a_path_that_is_no_utf8(self, web: Web, text: str) -> None:
        for path in (f"/{text}", f"/operations/{text}/", f"/{text}?a=b"):
            assert "UTF-8" in web.get(path).problem(400, "bad_request")["detail"]

    @pytest.mark.parametrize("text", WHOLE)
    def test_a_path_that_is_but_leads_nowhere(self, web: Web, text: str) -> None:
        web.get(f"/operations/{text}/").problem(404, "not_found")

    @pytest.mark.parametrize("text", WHOLE)
    def test_a_query(self, web: Web, text: str) -> None:
        assert web.get(f"/task-schedules/?name={text}").json["results"] == []
