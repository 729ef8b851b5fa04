"""Fixtures for the tests of every package: a client, the servers, and what happens to them."""

from collections.abc import Iterator

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from access import known
from access.audit.refusals import tally
from access.guessing import guessing
from access.last_use import last_use
from dashboard.shell import strip
from tasks_api import submission
from tasks_api.api import views
from tasks_api.broker.connection import Broker
from tasks_api.broker.publisher import Publisher, publisher
from tasks_api.health import probes
from tasks_api.health.readiness import Health
from tasks_api.roll_up import rolling
from testing.access import assume_open
from testing.api import Api
from testing.away import LOOPBACK, break_other_connections, closed_port
from testing.broker import Lists
from testing.openapi import Auditor
from testing.projects import keep_default_project, let_tables_be_emptied

pytest_plugins = ["testing.web", "testing.browser", "testing.seeds", "testing.files"]

keep_default_project()
let_tables_be_emptied()

# A busy machine makes no test fail: no example has a deadline, and each run looks at the same ones.
# `pytest --hypothesis-profile=new-examples` looks at others.
settings.register_profile("new-examples", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("new-examples"), derandomize=True)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database; in the end, nobody's thread keeps it from being dropped."""
    yield
    with django_db_blocker.unblock():
        break_other_connections()


@pytest.fixture(autouse=True)
def open_access() -> Iterator[None]:
    """It is known that there is no key, so that tests which are not about that send no statement for it."""
    known.forget()
    guessing.forget()
    strip.forget()
    assume_open()
    yield
    last_use.forget()
    tally.forget()
    known.forget()


@pytest.fixture
def api() -> Api:
    """A caller."""
    return Api()


@pytest.fixture
def auditor() -> Auditor:
    """A caller who holds every answer against the OpenAPI document."""
    return Auditor()


@pytest.fixture
def broker() -> Iterator[Lists]:
    """The broker, empty."""
    lists = Lists()
    assert publisher.drain(60)
    lists.lose_everything()
    yield lists
    assert publisher.drain(60)
    lists.lose_everything()
    lists.client.close()


@pytest.fixture
def nothing_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep finds nothing to roll up: it does so by the time and not by what a test is about."""
    monkeypatch.setattr(rolling, "LOOK_SQL", "SELECT false")


@pytest.fixture
def brokers_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In the end no connection to the broker is open: an error keeps alive who met it for a while."""
    made: list[Broker] = []
    begin = Broker.__init__

    def remember(broker: Broker) -> None:
        begin(broker)
        made.append(broker)

    monkeypatch.setattr(Broker, "__init__", remember)
    yield
    for each in made:
        each.close()


@pytest.fixture
def broker_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """Nobody listens where this process looks for its broker. Yields the publisher that will find out."""
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://{LOOPBACK}:{closed_port()}/0")
    lonely = Publisher()
    monkeypatch.setattr(submission, "publisher", lonely)
    yield lonely
    assert lonely.drain(60)


@pytest.fixture
def new_health(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the servers nothing is known from before; and a busy machine has all the time that it needs to ask them."""
    monkeypatch.setattr(views, "health", Health())
    monkeypatch.setattr(probes, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(probes, "KEEP_SECONDS", 0.5)


@pytest.fixture
def database_away(transactional_db: None, new_health: None) -> Iterator[None]:
    """Nobody listens where this process looks for its database."""
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = closed_port()
    yield
    connection.close()
    connection.settings_dict["PORT"] = port
