"""The document's pages need nothing but this service."""

import json
import re

import pytest
from django.test import Client

from config.environment import Environment
from config.openapi import links
from testing.api import PROBLEM, Api

PAGES = ["/swagger/", "/redoc/"]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def page(request: pytest.FixtureRequest, api: Api) -> str:
    return api.get(request.param, accept=BROWSER).content.decode()


@pytest.mark.parametrize(
    ("accept", "path"),
    [
        (BROWSER, "/ui/"),
        ("text/html", "/ui/"),
        ("*/*", "/swagger/"),
        ("application/json", "/swagger/"),
        ("application/json, text/html;q=0.9", "/swagger/"),
        ("image/png", "/swagger/"),
    ],
)
def test_the_root_leads_people_to_the_pages_and_programs_to_swagger(api: Api, accept: str, path: str) -> None:
    answer = api.get("/", accept=accept)
    assert (answer.status, answer.headers["Location"]) == (302, path)
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("path", [*PAGES, "/swagger", "/redoc", "/swagger/?colour=red"])
@pytest.mark.parametrize("accept", [BROWSER, "*/*", "text/html"])
def test_pages_are_html(path: str, accept: str, api: Api) -> None:
    answer = api.get(path, accept=accept)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<title>Punctual</title>" in answer.content.decode()


@pytest.mark.parametrize("page", PAGES, indirect=True)
def test_pages_name_no_other_place(page: str) -> None:
    assert "http:" not in page
    assert "https:" not in page
    assert '="//' not in page


@pytest.mark.parametrize("page", PAGES, indirect=True)
def test_all_that_pages_load_is_here(page: str) -> None:
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(files) > 4
    for file in files:
        answer = Client().get(file)
        assert answer.status_code == 200, file
        assert sum(len(chunk) for chunk in answer), file


@pytest.mark.parametrize("path", PAGES)
def test_browsers_are_told_to_load_nothing_from_elsewhere(path: str, api: Api) -> None:
    """ReDoc's bundle asks for a picture of its maker's, and that is where it ends."""
    policy = dict(
        rule.strip().split(" ", 1)
        for rule in api.get(path, accept=BROWSER).headers["Content-Security-Policy"].split(";")
    )
    allowed = {source for sources in policy.values() for source in sources.split()}
    assert allowed == {"'none'", "'self'", "'unsafe-inline'", "data:", "blob:"}
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"


@pytest.mark.parametrize(
    ("page", "settings_of"), [(path, path.strip("/")) for path in PAGES], indirect=["page"]
)
def test_pages_read_our_document_and_send_it_to_nobody(page: str, settings_of: str) -> None:
    found = re.search(rf'id="{settings_of}-settings" type="application/json">(.+?)</script>', page)
    assert found
    settings = json.loads(found[1])
    assert settings["url"] == "/swagger.json"
    if settings_of == "swagger":
        assert settings["validatorUrl"] is None
        assert settings["deepLinking"] is True


def test_models_are_folded(api: Api) -> None:
    page = api.get("/swagger/", accept=BROWSER).content.decode()
    assert '"defaultModelsExpandDepth": 0' in page


def test_the_document_links_the_pages_and_flower_where_it_is_known(api: Api) -> None:
    description = json.loads(api.get("/swagger.json").content)["info"]["description"]
    for path in re.findall(r"\]\((/[^)]*)\)", description):
        assert api.get(path).status == 200
    here = Environment(FLOWER_PORT=5641, FLOWER=True)
    assert "[Flower](http://127.0.0.1:5641/)" in links(here)
    for elsewhere in (
        {"FLOWER": False},
        {"HOST": "192.0.2.7"},
        {"HOST": "192.0.2.7", "PUBLISH_ADDRESS": "127.0.0.1"},
        {"TRUST_PROXY": True},
    ):
        assert "Flower" not in links(here.model_copy(update=elsewhere))


def test_browsers_find_an_icon(api: Api) -> None:
    answer = api.get("/favicon.ico", accept="image/avif,image/webp,*/*;q=0.8")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert answer.content.startswith(b"<svg ")
    assert "max-age" in answer.headers["Cache-Control"]
    api.post("/favicon.ico", {}).problem(405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/openapi.json", "/swagger.json", "/swagger.yaml"])
def test_the_documents_come_in_their_forms(path: str, api: Api) -> None:
    answer = api.get(path, accept=BROWSER)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith(f"application/{path[-4:]}")
    assert answer.content.endswith(b"\n")
    assert not answer.content.endswith(b"\n\n")


@pytest.mark.parametrize("path", [*PAGES, "/openapi.json", "/swagger.json", "/swagger.yaml"])
def test_errors_of_pages_are_problems(path: str, api: Api) -> None:
    api.get(path, accept="text/plain").problem(406, "not_acceptable")
    answer = api.post(path, {})
    assert "possible are GET" in answer.problem(405, "method_not_allowed")["detail"]
    assert "GET" in answer.headers["Allow"]


def test_another_form_is_not_found(api: Api) -> None:
    answer = api.get("/swagger.xml")
    assert (answer.status, answer.headers["Content-Type"]) == (404, PROBLEM)
