"""The tables of the audit log are append-only, whoever asks, but for their old end."""

import pytest
from django.db import IntegrityError, connection, transaction

from access.actor import NOBODY
from access.audit.events import Action, target
from access.audit.recording import record
from tasks_api.isolation.duties import Duty
from tasks_api.sealing import seal_events

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor_name = 'another'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_seal SET hash = ''",
        "DELETE FROM audit_seal",
        "TRUNCATE audit_seal",
        "UPDATE audit_unsealed SET project_id = 7",
        "DELETE FROM audit_unsealed",
        "TRUNCATE audit_unsealed",
        "DELETE FROM audit_chain",
        "TRUNCATE audit_chain",
        "UPDATE audit_chain SET last_number = 0",
        "UPDATE audit_chain SET last_hash = ''",
        "UPDATE audit_chain SET before_first = ''",
        "UPDATE audit_chain SET first_number = 0",
        "UPDATE audit_chain SET first_number = last_number + 2, before_first = last_hash",
        "UPDATE audit_chain SET project_id = 7",
    ],
)
def test_it_is_refused(statement: str) -> None:
    record(NOBODY, Action.TASK_CANCEL, target("task", 1))
    seal_events(Duty("sealing"))
    record(NOBODY, Action.TASK_CANCEL, target("task", 2))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with (
            pytest.raises(IntegrityError, match=r"append-only|only moves forward|leaves it when"),
            transaction.atomic(),
        ):
            cursor.execute(statement)
        cursor.execute("SELECT (SELECT count(*) FROM audit_event), (SELECT count(*) FROM audit_seal)")
        assert cursor.fetchone() == (2, 1)
