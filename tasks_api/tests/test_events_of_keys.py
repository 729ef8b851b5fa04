"""An event stream ends once its key does, or its session, or what it may read; those of others go on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access import standing
from access.actor import NOBODY, SYSTEM, Actor, ActorKind
from access.key_text import KeyText
from access.models import Key, Person, PersonRole, Session
from access.people.actors import actor_of
from access.people.sessions import COOKIE
from access.scopes import ALL_SCOPES
from tasks_api import transitions
from tasks_api.ids import new_id
from testing.access import Browser, make_key, make_person
from testing.events import following
from testing.factories import make_task
from testing.web import Web, running_web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("web")]

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A web server of its own: it remembers for a while that there are keys."""
    with running_web(tmp_path_factory.mktemp("keys"), HEART_BEAT_SECONDS=0.1) as (web, _):
        yield web


def make_viewer() -> KeyText:
    return make_key(None, scopes=["tasks:read", "payloads:read"])


@pytest.mark.parametrize(
    "end",
    [
        {"revoked_at": LONG_AGO},
        {"expires_at": LONG_AGO},
        {"scopes": ["payloads:read"]},
        {"scopes": ["tasks:read"]},
    ],
    ids=str,
)
def test_it_ends_with_its_key(web: Web, end: dict[str, Any]) -> None:
    task, ours, theirs = make_task(), make_viewer(), make_viewer()
    with (
        following(web.url, task.id, authorization=f"Bearer {ours.text}") as stream,
        following(web.url, task.id, authorization=f"Bearer {theirs.text}") as other,
    ):
        assert (stream.next().name, other.next().name) == ("status", "status")
        Key.objects.filter(public_id=ours.id).update(**end)
        assert list(stream) == []
        assert transitions.claim(task.id, task.priority, token=new_id(), node=new_id())
        assert other.next().data["status"] == "STARTED"


@pytest.mark.parametrize(
    "end",
    [
        lambda: Session.objects.all().delete(),
        lambda: Person.objects.update(is_active=False),
        lambda: Person.objects.update(role=None),
    ],
    ids=["logged out", "deactivated", "without a role"],
)
def test_one_of_a_page_ends_with_its_session(web: Web, end: Callable[[], object]) -> None:
    task, browser = make_task(), Browser()
    make_person(role="viewer")
    browser.log_in()
    cookie = f"{COOKIE}={browser.client.cookies[COOKIE].value}"
    with following(f"{web.url}/ui/api", task.id, cookie=cookie) as stream:
        assert stream.next().name == "status"
        end()
        assert list(stream) == []


def test_who_has_ended_is_one_statement_for_all_and_then_none() -> None:
    live, revoked, expired = make_key(), make_key(revoked_at=LONG_AGO), make_key(expires_at=LONG_AGO)
    keys = [Actor(ActorKind.KEY, id=each.id, scopes=ALL_SCOPES) for each in (live, revoked, expired)]
    nobody = Actor(ActorKind.KEY, id="nobody", scopes=ALL_SCOPES)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            assert standing.lost([*keys, nobody, SYSTEM]) == {*keys[1:], nobody}
        assert standing.lost([SYSTEM]) == standing.lost([]) == set()
    assert len(asked) == 1


def test_once_there_is_a_key_nobody_else_listens() -> None:
    assert standing.lost([NOBODY]) == set()
    make_key()
    assert standing.lost([NOBODY]) == {NOBODY}


def test_a_role_counts_in_the_project_in_which_somebody_looks() -> None:
    """Two statements for all people who listen."""
    person = make_person(role=None, acme="viewer", other="submitter")
    Session.objects.create(digest=b"s", person=person)
    sessions = [
        replace(actor_of(person, slug), session=digest)
        for slug in ("acme", "other")
        for digest in (b"s", b"gone")
    ]
    with CaptureQueriesContext(connection) as asked:
        assert standing.lost(sessions) == {each for each in sessions if each.session == b"gone"}
    assert len(asked) == 2
    PersonRole.objects.filter(project__slug="acme").delete()
    assert standing.lost(sessions) == {each for each in sessions if each != sessions[2]}
