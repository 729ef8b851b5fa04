"""Pages for people can be left out."""

from pathlib import Path

import httpx
import pytest

from testing.web import running_web


@pytest.mark.django_db(transaction=True)
def test_without_pages_all_else_is_there(tmp_path: Path) -> None:
    with running_web(tmp_path, UI="0") as (server, _), httpx.Client(base_url=server.url) as client:
        assert client.get("/", headers={"Accept": "text/html"}).headers["Location"] == "/swagger/"
        for path in ("/ui/", "/ui/login/", "/ui/api/tasks/"):
            assert client.get(path).status_code == 404
        assert client.get("/tasks/").status_code == 200
