"""What one process changes is true in another within two seconds, and so it is for real servers."""

import json
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings

from access.key_text import KeyText
from access.models import Key
from config.stack.data_folder import DataFolder
from config.stack.readiness import NO_TLS, wants_key
from config.stack.report import banner, first_command
from testing.access import make_key
from testing.api import Api
from testing.concurrency import eventually
from testing.web import Web, running_web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("web")]


def status(web: Web, key: KeyText | str | None = None, path: str = "/tasks/") -> tuple[int, str | None]:
    text = key.text if isinstance(key, KeyText) else key
    headers = {} if text is None else {"Authorization": f"Bearer {text}"}
    answer = httpx.get(f"{web.url}{path}", headers=headers, trust_env=False, verify=NO_TLS, timeout=60)
    return answer.status_code, answer.json().get("code")


def test_closing_and_revoking_elsewhere(web: Web, api: Api) -> None:
    assert status(web) == (200, None)
    first = api.post("/keys/", {"name": "first", "role": "admin"}).json
    eventually(lambda: status(web) == (401, "key_required"))
    assert status(web, first["key"]) == (200, None)
    assert status(web, path="/health/live/") == (200, None)
    assert Api(first["key"]).post(f"/keys/{first['id']}/revoke/", {}).status == 200
    eventually(lambda: status(web, first["key"]) == (401, "key_revoked"))
    assert status(web) == (401, "key_required")
    # The server is for other tests, too, which come without keys.
    Key.objects.all().delete()
    eventually(lambda: status(web) == (200, None))


def test_a_stack_that_is_started_again_tells_that_it_wants_a_key(web: Web) -> None:
    address = urlsplit(web.url)
    found = settings.ENVIRONMENT.model_copy(update={"HOST": address.hostname, "PORT": address.port})
    assert not wants_key(found)
    key = make_key()
    eventually(lambda: wants_key(found))
    command = first_command(web.url, wants_key=True)
    said = subprocess.check_output(["sh", "-c", command], env={**os.environ, "key": key.text})
    assert json.loads(said)["operation"] == "calculate"
    folder = DataFolder(Path("/nowhere"))
    assert command in banner(found, folder, Path("/project"), wants_key=True)
    assert "Authorization" not in banner(found, folder, Path("/project"))
    Key.objects.all().delete()
    eventually(lambda: not wants_key(found))


def test_where_others_reach_it_nobody_is_let_in_without_a_key(tmp_path: Path) -> None:
    with running_web(tmp_path, PUBLISH_ADDRESS="192.0.2.7") as (web, _):
        assert status(web) == (401, "key_required")
        assert status(web, path="/health/live/") == (200, None)
        assert status(web, path="/openapi.json") == (200, None)
        assert status(web, make_key()) == (200, None)


def test_its_log_has_no_key(tmp_path: Path) -> None:
    key = make_key()
    with running_web(tmp_path, LOG_LEVEL="DEBUG") as (web, _):
        status(web, key)
        status(web, key.text[:-1] + "!")
        httpx.get(f"{web.url}/tasks/?key={key.text}", trust_env=False, verify=NO_TLS)
        httpx.post(f"{web.url}/keys/", content=json.dumps({"name": key.text}), trust_env=False, verify=NO_TLS)
    assert key.text[17:49] not in web.log.read_text()
