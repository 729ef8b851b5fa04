"""`/ui/api/`, and in which project somebody acts there."""

from typing import Any

import pytest

from access.models import Person
from access.people import sessions
from testing.access import Browser, make_key, make_person
from testing.api import Api

pytestmark = pytest.mark.django_db


class TestTheApi:
    """It knows no cookies; what pages ask of it below /ui/ it does."""

    def test_a_cookie_is_nothing_there(self, hers: Browser) -> None:
        value = hers.client.cookies[sessions.COOKIE].value
        for path in ("/tasks/", "/keys/", "/task-schedules/"):
            answer = Api().get(path, cookie=f"{sessions.COOKIE}={value}")
            answer.problem(401, "key_required")
            assert "Set-Cookie" not in answer.headers
            assert "Cookie" not in answer.headers.get("Vary", "")

    def test_below_ui(self, hers: Browser) -> None:
        assert hers.get("/ui/api/tasks/").json()["results"] == []
        assert hers.get("/ui/api/tasks").status_code == 200
        assert hers.get("/ui/projects/default/api/tasks/").status_code == 200

    def test_only_by_a_session(self, ada: Person) -> None:
        key = make_key()
        Api(key.text).get("/ui/api/tasks/").problem(401, "log_in_required")
        assert Api(key.text).get("/tasks/").status == 200

    def test_changes_need_the_token_of_a_form(self, hers: Browser) -> None:
        body: dict[str, Any] = {"data": b'{"operation": "4+7"}', "content_type": "application/json"}
        assert hers.client.post("/ui/api/tasks/", **body).status_code == 403
        answer = hers.client.post("/ui/api/tasks/", **body, headers={"X-CSRFToken": hers.token("/ui/")})
        assert answer.status_code == 202
        assert len(hers.get("/ui/api/tasks/").json()["results"]) == 1

    def test_a_form_is_no_body(self, hers: Browser) -> None:
        token = hers.token("/ui/")
        fields = {"operation": "4+7", "csrfmiddlewaretoken": token}
        assert hers.client.post("/ui/api/tasks/", fields).status_code == 403
        answer = hers.client.post("/ui/api/tasks/", fields, headers={"X-CSRFToken": token})
        assert answer.status_code == 415
        assert hers.get("/ui/api/tasks/").json()["results"] == []

    @pytest.mark.parametrize(
        "path", ["nothing/", "swagger/", "ui/", "ui/api/tasks/", "", "static/access/pages.css"]
    )
    def test_what_is_no_part_of_it(self, path: str, hers: Browser) -> None:
        assert hers.get(f"/ui/api/{path}").status_code == 404


class TestSomebodyWithMoreInOneProject:
    """Somebody who may look at everything, and administers one project."""

    @pytest.fixture
    def theirs(self, browser: Browser) -> Browser:
        make_person("eve", "viewer", acme="admin")
        assert browser.log_in("eve").status_code == 303
        return browser

    def post(self, browser: Browser, path: str, body: str) -> Any:
        return browser.client.post(
            path, body, content_type="application/json", headers={"X-CSRFToken": browser.token("/ui/")}
        )

    def test_makes_keys_of_that_one_only(self, theirs: Browser) -> None:
        answer = self.post(theirs, "/ui/projects/acme/api/keys/", '{"name": "x", "role": "admin"}')
        assert (answer.status_code, answer.json()["project"]) == (201, "acme")
        other = '{"name": "x", "role": "admin", "project": "default"}'
        assert self.post(theirs, "/ui/projects/acme/api/keys/", other).status_code == 403

    def test_sees_and_ends_no_keys_of_others(self, theirs: Browser) -> None:
        operators = make_key()
        assert theirs.get("/ui/projects/acme/api/keys/").json()["results"] == []
        path = f"/ui/projects/acme/api/keys/{operators.id}/revoke/"
        assert self.post(theirs, path, "").status_code == 404

    def test_makes_no_projects_and_sets_no_limits(self, theirs: Browser) -> None:
        assert self.post(theirs, "/ui/projects/acme/api/projects/", '{"slug": "b"}').status_code == 403
        patched = theirs.client.patch(
            "/ui/projects/acme/api/projects/acme/",
            b'{"status": "frozen"}',
            content_type="application/json",
            headers={"X-CSRFToken": theirs.token("/ui/")},
        )
        assert patched.status_code == 403

    def test_looks_at_others_all_the_same(self, theirs: Browser) -> None:
        assert theirs.get("/ui/projects/default/api/tasks/").status_code == 200
        assert theirs.get("/ui/projects/default/api/keys/").status_code == 403
