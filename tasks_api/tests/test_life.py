"""Whatever happens to a task, and in whatever order, its row is what a small model of the contract says."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from access.actor import NOBODY
from tasks_api import transitions
from tasks_api.ids import new_id
from tasks_api.lifecycle import FINAL, Status
from tasks_api.models import Attempt, Role, Task, WorkerNode
from tasks_api.removal import NotRemovable, remove
from tasks_api.tests.life_model import Model
from tasks_api.transitions import Edit, Run
from testing.factories import ago, make_node, make_task

HOUR = 3_600
LIMITS = settings(
    max_examples=25, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


class Life(RuleBasedStateMachine):
    """One task, those who run it, and those who think that they still do."""

    retry_when_lost = True

    def __init__(self) -> None:
        super().__init__()
        make_node(Role.BEAT, beat_at=ago(-HOUR), alive_since=ago(HOUR))
        self.begin()

    def begin(self) -> None:
        self.task = make_task(max_attempts=3, retry_when_lost=self.retry_when_lost)
        self.model: Model | None = Model(3, self.retry_when_lost, 3)
        self.runs: list[tuple[Run, UUID]] = []
        self.results = 0
        self.seen: dict[str, Any] = {}

    @precondition(lambda self: self.model is None or self.model.status == Status.SUCCESS)
    @rule()
    def begin_anew(self) -> None:
        self.clear()
        self.begin()

    def teardown(self) -> None:
        self.clear()
        WorkerNode.objects.all().delete()

    def clear(self) -> None:
        Task.objects.all().delete()
        Attempt.objects.all().delete()

    def any_run(self, data: st.DataObject) -> tuple[Run, UUID]:
        """The latest is the likeliest, all others are stale."""
        back = data.draw(st.integers(0, len(self.runs) - 1), label="runs ago")
        return self.runs[-1 - back]

    def row(self) -> Task | None:
        return Task.objects.filter(id=self.task.id).first()

    # What workers do.

    @rule()
    def its_message_arrives(self) -> None:
        self.claim(self.model.priority if self.model else 5)

    @rule(priority=st.sampled_from([0, 5, 9]))
    def a_message_of_before_arrives(self, priority: int) -> None:
        self.claim(priority)

    def claim(self, priority: int) -> None:
        token, node = uuid4(), new_id()
        run = transitions.claim(self.task.id, priority, token=token, node=node)
        model = self.model
        may = model and model.waits and model.is_due and not model.is_expired and model.priority == priority
        assert bool(run) == bool(may)
        if run and model:
            model.claimed(token, node)
            assert (run.token, run.attempt, run.final_attempt) == (token, model.attempt, model.final_attempt)
            self.runs.append((run, node))

    @precondition(
        lambda self: bool(self.runs) and (self.model is None or self.model.may_be_claimed_once_more)
    )
    @rule(data=st.data())
    def claim_once_more(self, data: st.DataObject) -> None:
        """The answer to a claim was lost."""
        run, node = self.any_run(data)
        again = transitions.claim(self.task.id, 5, token=run.token, node=node)
        assert again == (run if self.model and self.model.is_run_by(run) else None)

    @precondition(lambda self: bool(self.runs))
    @rule(data=st.data(), percent=st.integers(0, 100))
    def report(self, data: st.DataObject, percent: int) -> None:
        run, _ = self.any_run(data)
        must_stop = transitions.report(run, str(percent))
        if self.model and self.model.is_run_by(run):
            self.model.progress = percent
            assert must_stop == self.model.is_asked_to_stop
        else:
            assert must_stop

    @precondition(lambda self: bool(self.runs))
    @rule(data=st.data())
    def succeed(self, data: st.DataObject) -> None:
        run, _ = self.any_run(data)
        recorded = transitions.succeed(run, str(run.attempt))
        assert recorded == bool(self.model and self.model.token == run.token)
        if self.model and self.model.is_run_by(run):
            self.model.status, self.model.node = Status.SUCCESS, None
            self.results += 1

    @precondition(lambda self: bool(self.runs))
    @rule(data=st.data(), retry_in=st.sampled_from([None, 0, 0, HOUR]))
    def fail(self, data: st.DataObject, retry_in: float | None) -> None:
        run, _ = self.any_run(data)
        recorded = transitions.fail(run, '{"type": "OSError"}', retry_in=retry_in)
        assert recorded == bool(self.model and self.model.token == run.token)
        if self.model and self.model.is_run_by(run):
            self.model.try_ends("failed", again=retry_in is not None, is_due=retry_in == 0)

    # What becomes of workers.

    @precondition(lambda self: bool(self.runs))
    @rule(data=st.data(), timed_out=st.booleans())
    def its_process_ends(self, data: st.DataObject, timed_out: bool) -> None:
        _, node = self.any_run(data)
        rescued = transitions.rescue_run(self.task.id, node, timed_out=timed_out)
        assert rescued == bool(self.model and self.model.node == node)
        if self.model and rescued:
            self.is_lost(self.model, timed_out=timed_out)

    @rule()
    def its_node_is_dead(self) -> None:
        Task.objects.filter(status=Status.STARTED).update(started_at=ago(HOUR))
        rescued = transitions.rescue_from_dead_nodes(10)
        assert bool(rescued) == bool(self.model and self.model.node)
        if self.model and rescued:
            self.is_lost(self.model, timed_out=False)

    @rule()
    def its_time_is_up(self) -> None:
        Task.objects.filter(status=Status.STARTED).update(deadline_at=ago(1))
        rescued = transitions.rescue_overdue(10)
        assert bool(rescued) == bool(self.model and self.model.node)
        if self.model and rescued:
            self.is_lost(self.model, timed_out=True)

    @precondition(lambda self: bool(self.runs))
    @rule(data=st.data())
    def its_worker_stops(self, data: st.DataObject) -> None:
        _, node = self.any_run(data)
        returned = transitions.hand_back(node)
        assert bool(returned) == bool(self.model and self.model.node == node)
        if self.model and returned:
            self.model.final_attempt += 1
            self.model.is_taken_back("interrupted", again=self.model.retry_when_lost)

    def is_lost(self, model: Model, *, timed_out: bool) -> None:
        again = model.attempt < model.final_attempt and (timed_out or model.retry_when_lost)
        model.is_taken_back("timeout" if timed_out else "lost", again=again)

    # What people do, and time.

    @rule()
    def cancel(self) -> None:
        affected = transitions.cancel([self.task.id])
        model = self.model
        assert bool(affected) == bool(model and model.status not in FINAL)
        if model and affected:
            model.is_asked_to_stop = True
            if model.waits:
                model.status = Status.REVOKED

    @rule()
    def revive(self) -> None:
        revived = transitions.revive([self.task.id])
        model = self.model
        assert bool(revived) == bool(model and model.status in (Status.FAILURE, Status.REVOKED))
        if model and revived:
            model.is_revived()

    @rule(priority=st.sampled_from([None, 0, 5, 9]), is_due=st.sampled_from([None, True, False]))
    def edit(self, priority: int | None, is_due: bool | None) -> None:
        run_at = None if is_due is None else ago(1 if is_due else -HOUR)
        changed = transitions.edit(self.task.id, Edit(priority=priority, run_at=run_at, tags=["edited"]))
        model = self.model
        assert bool(changed) == bool(model and model.waits)
        if model and changed:
            model.priority = model.priority if priority is None else priority
            model.is_due = model.is_due if is_due is None else is_due

    @rule()
    def its_end_date_passes(self) -> None:
        Task.objects.update(expires_at=ago(1))
        if self.model:
            self.model.is_expired = True

    @rule()
    def expire(self) -> None:
        expired = transitions.expire(10)
        model = self.model
        assert expired == int(bool(model and model.waits and model.is_expired))
        if model and expired:
            model.status = Status.REVOKED

    @precondition(lambda self: not self.runs or len(self.runs) > 2)
    @rule(force=st.booleans())
    def delete(self, force: bool) -> None:
        if self.model and self.model.is_removable(force=force):
            remove(self.task.id, NOBODY, force=force)
            self.model = None
        else:
            with pytest.raises(NotRemovable if self.model else Task.DoesNotExist):
                remove(self.task.id, NOBODY, force=force)

    # What is so at any moment.

    @invariant()
    def the_row_is_as_the_model_says(self) -> None:
        row, model = self.row(), self.model
        if model is None:
            assert row is None
            return
        assert row
        assert (row.status, row.attempt, row.final_attempt) == (
            model.status,
            model.attempt,
            model.final_attempt,
        )
        assert (row.priority, row.run_token, row.node_id) == (model.priority, model.token, model.node)
        assert row.progress == model.progress
        assert bool(row.cancel_requested_at) == model.is_asked_to_stop
        assert bool(row.finished_at) == (model.status in FINAL)
        assert bool(row.dispatch_at) == model.waits
        assert bool(row.deadline_at) == (model.status == Status.STARTED)
        assert bool(row.result) == (model.status == Status.SUCCESS)
        if model.status in (Status.FAILURE, Status.REVOKED):
            assert row.error

    @invariant()
    def each_try_is_recorded_once(self) -> None:
        found = dict(Attempt.objects.values_list("number", "outcome"))
        model = self.model
        if model is None:
            assert found == {}
            return
        assert found == model.ended
        goes_on_or_succeeded = model.status in (Status.STARTED, Status.SUCCESS)
        assert sorted(found) == list(range(1, model.attempt + 1 - goes_on_or_succeeded))

    @invariant()
    def there_is_one_result_at_most(self) -> None:
        assert self.results <= 1

    @invariant()
    def whatever_changes_for_a_client_changes_the_version(self) -> None:
        row = self.row()
        now = {} if row is None else {name: getattr(row, name) for name in VISIBLE}
        if now and self.seen:
            versions = (self.seen.pop("version"), now["version"])
            changed = any(now[name] != value for name, value in self.seen.items())
            assert versions[0] < versions[1] if changed else versions[0] <= versions[1]
        self.seen = now


VISIBLE = ("version", "status", "attempt", "result", "error", "progress", "priority", "tags", "run_at")


@pytest.mark.django_db
def test_it_works() -> None:
    run_state_machine_as_test(Life, settings=LIMITS)


@pytest.mark.django_db
def test_one_that_must_not_be_repeated_when_lost() -> None:
    class Careful(Life):
        retry_when_lost = False

    run_state_machine_as_test(Careful, settings=settings(LIMITS, max_examples=4))
