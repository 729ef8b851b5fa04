"""Messages go out behind the back of whoever hands them over."""

import sys
import threading
from uuid import UUID

import pytest

from tasks_api.broker import publisher as module
from tasks_api.broker.connection import Broker, BrokerAway
from tasks_api.broker.messages import Message
from tasks_api.broker.publisher import Publisher
from tasks_api.ids import new_id
from testing.broker import Lists
from testing.concurrency import eventually


def message(priority: int = 5, task_id: UUID | None = None) -> Message:
    return Message(task_id or new_id(), "calculate", priority, 30)


def ids(messages: list[Message]) -> list[str]:
    return [str(each.task_id) for each in messages]


def sent(broker: Lists) -> list[str]:
    return [each.task_id for each in broker.sent()]


class TestPublisher:
    def test_it_works(self, broker: Lists) -> None:
        publisher, messages = Publisher(), [message()]
        publisher.send(messages)
        assert publisher.drain(60)
        assert sent(broker) == ids(messages)

    def test_in_the_order_given(self, broker: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MOST_AT_ONCE", 7)
        publisher, messages = Publisher(), [message() for _ in range(50)]
        for number in range(0, 50, 5):
            publisher.send(messages[number : number + 5])
        assert publisher.drain(60)
        assert sent(broker) == ids(messages)

    def test_what_comes_meanwhile_goes_out_as_one_batch(
        self, broker: Lists, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publisher, batches, gate = Publisher(), [], threading.Event()
        publish = publisher._broker.publish

        def slowly(messages: list[Message]) -> None:
            batches.append(len(messages))
            assert gate.wait(60)
            publish(messages)

        monkeypatch.setattr(publisher._broker, "publish", slowly)
        publisher.send([message()])
        eventually(lambda: batches)
        for _ in range(9):
            publisher.send([message()])
        gate.set()
        assert publisher.drain(60)
        assert batches == [1, 9]
        assert len(sent(broker)) == 10

    def test_what_comes_soon_after_a_batch_waits_for_more(
        self, broker: Lists, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a clock that stands still while it waits."""
        publisher, batches, pauses, gate = Publisher(), [], [], threading.Event()
        publish = publisher._broker.publish

        def noted(messages: list[Message]) -> None:
            batches.append(len(messages))
            publish(messages)

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            assert gate.wait(60)

        monkeypatch.setattr(publisher._broker, "publish", noted)
        monkeypatch.setattr(module, "monotonic", lambda: 7.0)
        monkeypatch.setattr(module, "sleep", pause)
        publisher.send([message()])
        eventually(lambda: pauses)
        for _ in range(9):
            publisher.send([message()])
        gate.set()
        assert publisher.drain(60)
        assert batches == [1, 9]
        assert pauses[0] == pytest.approx(module.GATHER_SECONDS)

    def test_there_is_nothing_to_drain_at_first(self) -> None:
        assert Publisher().drain(0)

    def test_no_thread_before_there_is_a_message(self) -> None:
        assert Publisher()._thread is None

    def test_it_has_bounds(self, broker: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MOST_QUEUED", 3)
        publisher, gate = Publisher(), threading.Event()
        publish = publisher._broker.publish

        def slowly(messages: list[Message]) -> None:
            assert gate.wait(60)
            publish(messages)

        monkeypatch.setattr(publisher._broker, "publish", slowly)
        for _ in range(50):
            publisher.send([message()])
        assert len(publisher._queue) <= 3
        gate.set()
        assert publisher.drain(60)


class TestAway:
    def test_it_works(self, broker_away: Publisher) -> None:
        broker_away.send([message()])
        assert broker_away.drain(60)
        assert not broker_away._queue

    def test_for_a_second_nothing_is_even_tried(
        self, broker_away: Publisher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "PAUSE_SECONDS", 3_600.0)
        broker_away.send([message()])
        assert broker_away.drain(60)
        broker_away.send([message()])
        assert not broker_away._queue
        assert not broker_away._busy

    def test_then_it_goes_on(
        self, broker: Lists, broker_away: Publisher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "PAUSE_SECONDS", 0.0)
        broker_away.send([message()])
        assert broker_away.drain(60)
        monkeypatch.delenv("CELERY_BROKER_WRITE_URL")
        messages = [message()]
        broker_away.send(messages)
        assert broker_away.drain(60)
        assert sent(broker) == ids(messages)


class TestBroker:
    def test_it_works(self, broker: Lists) -> None:
        ours = Broker()
        ours.publish([message(), message()])
        assert ours.waiting() == 2
        ours.close()

    def test_the_most_urgent_are_served_first(self, broker: Lists) -> None:
        messages = [message(priority) for priority in range(10)]
        Broker().publish(messages)
        assert sent(broker) == ids(messages[::-1])

    def test_nothing_is_nothing(self, broker: Lists) -> None:
        Broker().publish([])
        assert Broker().waiting() == 0
        assert broker.sent() == []

    def test_a_connection_that_was_cut_is_made_anew(self, broker: Lists) -> None:
        ours, other = Broker(), message()
        ours.publish([message()])
        broker.cut_everybody_off()
        try:
            ours.publish([other])
        except BrokerAway:
            ours.publish([other])
        assert str(other.task_id) in sent(broker)

    @pytest.mark.parametrize(
        "say", [Broker.waiting, Broker.was_emptied, lambda broker: broker.publish([message()])]
    )
    def test_one_that_is_away(self, broker_away: Publisher, say: object) -> None:
        with pytest.raises(BrokerAway):
            say(Broker())  # type: ignore[operator]

    def test_it_was_emptied_until_that_is_noted(self, broker: Lists) -> None:
        ours = Broker()
        assert [ours.was_emptied() for _ in range(2)] == [True, True]
        ours.note_loss()
        assert [ours.was_emptied(), Broker().was_emptied()] == [False, False]
        broker.lose_everything()
        assert ours.was_emptied()

    def test_what_is_noted_is_no_task(self, broker: Lists) -> None:
        ours = Broker()
        ours.note_loss()
        assert ours.waiting() == 0


class TestSurvival:
    def test_a_connection_that_died_while_idle_costs_nothing(
        self, broker: Lists, caplog: pytest.LogCaptureFixture
    ) -> None:
        publisher, messages = Publisher(), [message(), message()]
        publisher.send(messages[:1])
        assert publisher.drain(60)
        broker.cut_everybody_off()
        publisher.send(messages[1:])
        assert publisher.drain(60)
        assert sent(broker) == ids(messages)
        assert caplog.messages == []

    def test_a_message_that_cannot_be_sent_is_not_the_last(
        self, broker: Lists, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "PAUSE_SECONDS", 0)
        publisher, good = Publisher(), message()
        publisher.send([good._replace(timeout_seconds=object())])  # type: ignore[arg-type]
        assert publisher.drain(60)
        publisher.send([good])
        assert publisher.drain(60)
        assert sent(broker) == ids([good])

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_a_thread_that_ended_is_replaced(self, broker: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
        publisher, messages = Publisher(), [message()]
        with monkeypatch.context() as patched:
            patched.setattr(publisher, "_take", sys.exit)
            publisher.send([message()])
            assert publisher._thread is not None
            publisher._thread.join(60)
        publisher._queue.clear()
        publisher.send(messages)
        assert publisher.drain(60)
        assert sent(broker) == ids(messages)

    def test_without_a_thread_nothing_is_raised(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_thread(*_: object) -> threading.Thread:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(module, "kept_running", no_thread)
        publisher = Publisher()
        publisher.send([message()])
        assert publisher.drain(0)

    def test_a_batch_that_the_broker_refuses_is_left_to_the_sweep(
        self, broker: Lists, caplog: pytest.LogCaptureFixture
    ) -> None:
        publisher = Publisher()
        publisher.send([message()])
        assert publisher.drain(60)
        broker.spoil("tasks")
        publisher.send([message(priority=9)])
        assert publisher.drain(60)
        (record,) = caplog.records
        assert "the broker is away, the sweep will hand over what waits" in record.message
