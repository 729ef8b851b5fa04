"""`manage.py keys`, `manage.py projects`, and the first key from a file."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from access.bootstrap import make_first_key
from access.key_text import new_key, read_key
from access.models import Key, Project
from testing.access import make_key, make_project
from testing.api import Api

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_text_is_all_that_goes_to_standard_output(api: Api) -> None:
    out, err = run("keys", "create", "--role", "admin")
    text = read_key(out.removesuffix("\n"))
    assert text.text not in err
    api.get("/tasks/").problem(401, "key_required")
    assert Api(text.text).post("/keys/", {"name": "a", "role": "viewer"}).status == 201


def test_a_lost_administrator_is_restored() -> None:
    for key in Key.objects.all():
        key.delete()
    lost = make_key()
    run("keys", "revoke", lost.id)
    Api(lost.text).get("/tasks/").problem(401, "key_revoked")
    out, _ = run("keys", "create", "--role", "admin", "--name", "again")
    assert Api(out.strip()).get("/keys/").status == 200


def test_of_a_project_with_scopes() -> None:
    make_project("acme")
    out, _ = run("keys", "create", "--project", "acme", "--scope", "tasks:read", "--scope", "tasks:submit")
    me = Api(out.strip()).get("/access/").json
    assert (me["project"], me["is_bound"], me["scopes"]) == ("acme", True, ["tasks:read", "tasks:submit"])


def test_the_list_has_no_texts() -> None:
    key = make_key("viewer", make_project("acme"), name="wall")
    out, _ = run("keys", "list")
    assert out == f"pct_{key.id}  acme  viewer  active  wall\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["create"], "one of the arguments --role --scope is required"),
        (["create", "--role", "root"], "invalid choice"),
        (["create", "--role", "admin", "--project", "missing"], "there is no project missing"),
        (["revoke", "000000000000"], "there is no key 000000000000"),
    ],
)
def test_what_is_refused(arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run("keys", *arguments)
    assert not Key.objects.exists()


def test_projects() -> None:
    run("projects", "create", "acme", "--name", "Acme")
    assert run("projects", "list")[0] == "default  active  Default\nacme  active  Acme\n"
    with pytest.raises(CommandError, match="another project has the slug acme"):
        run("projects", "create", "acme")
    with pytest.raises(CommandError, match="slug"):
        run("projects", "create", "No Slug")
    assert Project.objects.count() == 2


class TestRates:
    """`--rate-limit` in `--rate-window-seconds`."""

    RATE = ("--rate-limit", "600", "--rate-window-seconds", "60")

    def test_of_a_key(self) -> None:
        out, _ = run("keys", "create", "--role", "viewer", *self.RATE)
        assert Api(out.strip()).get("/access/").json["rate"] == {"limit": 600, "window_seconds": 60}

    def test_of_a_project(self) -> None:
        run("projects", "create", "acme", *self.RATE)
        assert Project.objects.get(slug="acme").rate == {"limit": 600, "window_seconds": 60}

    @pytest.mark.parametrize(
        ("rate", "why"),
        [
            (RATE[:2], "belong together"),
            (RATE[2:], "belong together"),
            ((*RATE[:1], "0", *RATE[2:]), "limit must be at least 1, got 0"),
            ((*RATE[:3], "0"), "window_seconds must be at least 1, got 0"),
        ],
    )
    @pytest.mark.parametrize("made", [("keys", "create", "--role", "viewer"), ("projects", "create", "acme")])
    def test_what_is_refused(self, made: tuple[str, ...], rate: tuple[str, ...], why: str) -> None:
        with pytest.raises(CommandError, match=why):
            run(*made, *rate)
        assert (Key.objects.count(), Project.objects.count()) == (0, 1)


class TestFirstKey:
    """From BOOTSTRAP_KEY_FILE."""

    def test_it_is_for_everything(self, api: Api) -> None:
        text = new_key()
        assert make_first_key(text)
        api.get("/tasks/").problem(401, "key_required")
        assert Api(text.text).get("/access/").json["role"] == "admin"
        assert not make_first_key(text)

    def test_a_revoked_one_does_not_come_back(self) -> None:
        text = new_key()
        make_first_key(text)
        run("keys", "revoke", text.id)
        assert not make_first_key(text)
        Api(text.text).get("/tasks/").problem(401, "key_revoked")

    def test_it_opens_nothing_beside_others(self) -> None:
        make_key()
        text = new_key()
        assert not make_first_key(text)
        Api(text.text).get("/tasks/").problem(401, "key_invalid")


@pytest.mark.django_db(transaction=True)
def test_migrate_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, file = new_key(), tmp_path / "key"
    file.write_text(f"{text.text}\n")
    monkeypatch.setattr(settings.ENVIRONMENT, "BOOTSTRAP_KEY_FILE", str(file))
    for _ in range(2):
        out, _ = run("migrate", "--verbosity=0")
        assert text.text not in out
    assert [key.public_id for key in Key.objects.all()] == [text.id]
