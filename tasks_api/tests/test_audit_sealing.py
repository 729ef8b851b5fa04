"""Sealing: each event gets one place, whoever seals, whatever is late, and whoever dies."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from access.actor import NOBODY
from access.audit import retention, sealing, verifying
from access.audit.chain import Break
from access.audit.events import Action, target
from access.audit.recording import INSTALLATION, record
from access.models import AuditChain, AuditEvent, AuditSeal, AuditUnsealed
from tasks_api.isolation.duties import Duty
from tasks_api.sealing import seal_events
from tasks_api.upkeep import Upkeep
from testing.access import make_project
from testing.broker import Lists
from testing.concurrency import apart, eventually

pytestmark = pytest.mark.django_db(transaction=True)


def record_some(count: int = 1, project_id: int = 1) -> None:
    for number in range(count):
        record(NOBODY, Action.TASK_CANCEL, target("task", number), project_id=project_id)


def order() -> list[Any]:
    """The events as the chain has them."""
    return [seal.event_id for seal in AuditSeal.objects.order_by("project_id", "number")]


def by_id() -> list[Any]:
    return list(AuditEvent.objects.order_by("project_id", "id").values_list("id", flat=True))


@pytest.fixture
def unguarded() -> Iterator[None]:
    """Somebody who owns the tables, and takes their triggers away for a while."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET session_replication_role")


def test_events_are_sealed_in_their_order_by_project() -> None:
    record_some(3)
    record_some(2, INSTALLATION)
    record_some(1)
    assert seal_events(Duty("sealing")) == 6
    assert order() == by_id()
    assert not AuditUnsealed.objects.exists()
    assert verifying.verify(1).sealed == 4
    assert verifying.verify(INSTALLATION).sealed == 2
    assert seal_events(Duty("sealing")) == 0


def test_the_sweep_seals(broker: Lists) -> None:
    record_some(2)
    Upkeep().run()
    assert verifying.verify(1).sealed == 2


def test_a_turn_is_bounded() -> None:
    record_some(5)
    with patch.object(sealing, "MOST_EVENTS", 2):
        assert [seal_events(Duty("sealing")) for _ in range(4)] == [2, 2, 1, 0]
    assert order() == by_id()
    assert verifying.verify(1).sealed == 5


def test_what_is_committed_late_comes_behind() -> None:
    """Its id is older than what is sealed already."""
    ready, go_on = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            record_some()
            ready.set()
            assert go_on.wait(60)

    running = apart(late)
    assert ready.wait(60)
    record_some(2)
    assert seal_events(Duty("sealing")) == 2
    go_on.set()
    running.result(60)
    assert seal_events(Duty("sealing")) == 1
    assert order() == [*by_id()[1:], by_id()[0]]
    assert verifying.verify(1).sealed == 3


def test_two_sweepers_do_not_fork_the_chain() -> None:
    """While one holds the chain, the other leaves it alone; taking turns, they go on from the same end."""
    record_some(3)
    with transaction.atomic():
        sealing.seal(1)
        record_some()
        assert apart(lambda: sealing.seal(1)).result(60) is None
    running = [apart(lambda: [sealing.seal(1) for _ in range(5)]) for _ in range(4)]
    record_some(20)
    for each in running:
        each.result(60)
    while seal_events(Duty("sealing")):
        continue
    assert verifying.verify(1).sealed == 24
    assert AuditSeal.objects.count() == 24


def test_many_sweepers_and_writers() -> None:
    def write() -> None:
        for _ in range(20):
            record_some()

    def sweep() -> int:
        return sum(seal_events(Duty("sealing")) for _ in range(20))

    running = [apart(write) for _ in range(3)] + [apart(sweep) for _ in range(3)]
    for each in running:
        each.result(120)
    while seal_events(Duty("sealing")):
        continue
    assert verifying.verify(1).sealed == 60


VICTIM = """
import os, sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from access.audit import sealing
seal = sealing.continued
def stop(*arguments):
    made = seal(*arguments)
    print("sealing", flush=True)
    sys.stdin.read()
    return made
sealing.continued = stop
sealing.seal(1)
"""


def test_a_sweeper_that_is_killed_amid_sealing_leaves_nothing_half() -> None:
    record_some(3)
    database = connection.settings_dict
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEVELOPMENT": "1",
        "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database),
    }
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(database["NAME"])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )
    assert victim.stdout is not None
    assert victim.stdout.readline() == b"sealing\n"
    assert sealing.seal(1) is None  # it holds the chain
    victim.send_signal(signal.SIGKILL)
    victim.wait(60)
    victim.stdout.close()
    if victim.stdin is not None:
        victim.stdin.close()
    eventually(lambda: seal_events(Duty("sealing")) == 3)
    assert order() == by_id()
    assert verifying.verify(1).sealed == 3


def test_a_chain_that_cannot_go_on_costs_itself_alone() -> None:
    record_some(1)
    seal_events(Duty("sealing"))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        AuditChain.objects.filter(project_id=1).update(last_number=0)  # its next number is taken
        cursor.execute("RESET session_replication_role")
    record_some(1)
    record_some(1, INSTALLATION)
    duty = Duty("sealing the audit log")
    assert seal_events(duty) == 1
    assert verifying.verify(INSTALLATION).sealed == 1
    assert duty.failure is not None
    assert "1 left out" in duty.failure


class TestRetention:
    def age(self, numbers: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(
                "UPDATE audit_seal SET sealed_at = now() - interval '10 days' WHERE number = ANY(%s)",
                [numbers],
            )
            cursor.execute("RESET session_replication_role")

    def test_the_old_end_goes_and_the_chain_stays_whole(self) -> None:
        record_some(5)
        seal_events(Duty("sealing"))
        self.age([1, 2])
        assert retention.forget_old_events(9, 100) == 2
        assert list(AuditSeal.objects.order_by("number").values_list("number", flat=True)) == [3, 4, 5]
        assert AuditEvent.objects.count() == 3
        assert verifying.verify(1).sealed == 3
        record_some(1)
        seal_events(Duty("sealing"))
        assert verifying.verify(1).last_number == 6
        assert retention.forget_old_events(9, 100) == 0

    def test_all_may_go(self) -> None:
        record_some(2)
        seal_events(Duty("sealing"))
        self.age([1, 2])
        assert retention.forget_old_events(9, 100) == 2
        assert not AuditEvent.objects.exists()
        record_some(1)
        seal_events(Duty("sealing"))
        assert verifying.verify(1).last_number == 3

    def test_it_is_bounded_and_leaves_no_gap(self) -> None:
        record_some(5)
        seal_events(Duty("sealing"))
        self.age([1, 2, 3, 5])
        assert [retention.forget_old_events(9, 2) for _ in range(3)] == [2, 1, 0]
        assert verifying.verify(1).sealed == 2

    def test_what_is_young_stays(self) -> None:
        record_some(2)
        assert retention.forget_old_events(9, 100) == 0
        seal_events(Duty("sealing"))
        assert retention.forget_old_events(9, 100) == 0


class TestVerify:
    """Somebody who may do everything to the tables, but does not make the whole chain anew, is found out."""

    @pytest.fixture(autouse=True)
    def some(self) -> None:
        record_some(3)
        record_some(2, INSTALLATION)
        seal_events(Duty("sealing"))

    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            (
                "UPDATE audit_event SET actor_name = 'another' WHERE id = {second}",
                "number 2, is not what was sealed",
            ),
            (
                "UPDATE audit_event SET changes = changes || '{{\"a\": 1}}' WHERE id = {second}",
                "number 2, is not what",
            ),
            (
                "UPDATE audit_event SET at = at + interval '1 microsecond' WHERE id = {second}",
                "number 2, is not what",
            ),
            ("DELETE FROM audit_event WHERE id = {second}", "number 2, is missing"),
            ("DELETE FROM audit_seal WHERE event_id = {second}", "number 2 is missing"),
            ("DELETE FROM audit_seal WHERE event_id = {last}", "the end is missing"),
            ("DELETE FROM audit_chain WHERE project_id = 1", "the end is missing"),
            (
                "UPDATE audit_seal SET number = 7 - number WHERE number > 1 AND project_id = 1",
                "number 2 is missing",
            ),
            (
                "INSERT INTO audit_event (id, project_id, actor_kind, action, outcome, changes) "
                "VALUES (gen_random_uuid(), 1, 'key', 'key.create', 'done', '{{}}')",
                "was put in unsealed",
            ),
            ("INSERT INTO audit_unsealed VALUES (gen_random_uuid(), 1)", "is missing, before it was sealed"),
        ],
    )
    def test_it_names_the_first_break(self, unguarded: None, statement: str, expected: str) -> None:
        ids = [f"'{each}'" for each in order() if each in set(_of_project(1))]
        with connection.cursor() as cursor:
            cursor.execute(statement.format(second=ids[1], last=ids[2]))
        with pytest.raises(Break, match=expected):
            verifying.verify(1)
        assert verifying.verify(INSTALLATION).sealed == 2

    def test_the_command(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("audit", "verify")
        said = capsys.readouterr().out
        assert said.splitlines()[-1] == "intact"
        assert "the installation: 2 events sealed, 0 to be sealed; the last one is number 2" in said
        assert "project default: 3 events sealed" in said

    def test_of_one_project(self, capsys: pytest.CaptureFixture[str]) -> None:
        make_project("acme")
        record_some(1)
        call_command("audit", "verify", "--project", "default")
        said = capsys.readouterr().out
        assert "project default: 3 events sealed, 1 to be sealed" in said
        assert "installation" not in said
        call_command("audit", "verify", "--project", "acme")
        with pytest.raises(CommandError, match="there is no project nobody"):
            call_command("audit", "verify", "--project", "nobody")

    def test_the_command_names_what_is_broken(
        self, unguarded: None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        AuditEvent.objects.filter(project_id=INSTALLATION).update(action="key.forge")
        with pytest.raises(CommandError, match="1 of 2 chains are broken"):
            call_command("audit", "verify")
        said = capsys.readouterr().out
        assert "the installation: BROKEN: event" in said
        assert "project default: 3 events sealed" in said
        assert "intact" not in said


def _of_project(project_id: int) -> list[Any]:
    return list(AuditEvent.objects.filter(project_id=project_id).values_list("id", flat=True))
