"""Asking servers that answer, refuse, or keep silent."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tasks_api.health import probes
from tasks_api.health.probes import Away, Probe
from testing.concurrency import PATIENCE_SECONDS, eventually


class Server:
    """A server of the test's: what it says, and whether it says anything."""

    def __init__(self) -> None:
        self.answer: str | Exception = "well"
        self.speaks = threading.Event()
        self.speaks.set()
        self.questions = 0
        self.sessions = 0
        self.threads: set[threading.Thread] = set()

    @contextmanager
    def session(self) -> Iterator[Callable[[], str]]:
        self.sessions += 1
        try:
            yield self._ask
        finally:
            self.sessions -= 1

    def _ask(self) -> str:
        self.questions += 1
        self.threads.add(threading.current_thread())
        assert self.speaks.wait(PATIENCE_SECONDS)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(probes, "KEEP_SECONDS", 0.2)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.speaks.set()


@pytest.fixture
def probe(server: Server) -> Probe[str]:
    return Probe("server", server.session)


def ask(probe: Probe[str]) -> probes.Finding[str]:
    probe.ask()
    return probe.finding()


def test_it_works(probe: Probe[str]) -> None:
    found = ask(probe)
    assert (found.answer, found.reason) == ("well", "")
    assert found.since is not None
    assert found.checked_at is not None


def test_no_thread_before_somebody_asks(probe: Probe[str], server: Server) -> None:
    assert probe._thread is None
    assert probe.finding().answer is None
    assert server.questions == 0


def test_each_who_asks_gets_a_new_answer(probe: Probe[str], server: Server) -> None:
    first = ask(probe)
    server.answer = "still well"
    second = ask(probe)
    assert (first.answer, second.answer) == ("well", "still well")
    assert first.since == second.since
    assert first.checked_at is not None
    assert second.checked_at is not None
    assert first.checked_at < second.checked_at


def test_one_that_refuses(probe: Probe[str], server: Server, caplog: pytest.LogCaptureFixture) -> None:
    server.answer = Away("Error 111", reason="it says no")
    for _ in range(3):
        assert (ask(probe).answer, ask(probe).reason) == (None, "it says no")
    server.answer = "well"
    assert ask(probe).answer == "well"
    assert caplog.messages == ["the server is away: Error 111", "the server is back"]


def test_a_mistake_in_the_question(probe: Probe[str], server: Server) -> None:
    server.answer = MemoryError()
    assert ask(probe).answer is None
    server.answer = "well"
    assert ask(probe).answer == "well"


class TestSilence:
    @pytest.fixture(autouse=True)
    def little_patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(probes, "PATIENCE_SECONDS", 0.05)
        monkeypatch.setattr(probes, "FRESH_SECONDS", 0.0)

    def test_it_is_away(self, probe: Probe[str], server: Server) -> None:
        eventually(lambda: ask(probe).answer == "well")
        before = probe.finding()
        server.speaks.clear()
        found = ask(probe)
        assert (found.answer, found.reason) == (None, "no answer for 0 s")
        assert found.checked_at == before.checked_at
        assert found.since is not None
        assert before.since is not None
        assert found.since > before.since

    def test_it_comes_back(self, probe: Probe[str], server: Server) -> None:
        server.speaks.clear()
        assert ask(probe).answer is None
        server.speaks.set()
        eventually(lambda: ask(probe).answer == "well")

    def test_however_many_ask_there_is_one_question(self, probe: Probe[str], server: Server) -> None:
        server.speaks.clear()
        for _ in range(40):
            assert ask(probe).answer is None
        assert (server.questions, len(server.threads)) == (1, 1)

    def test_only_the_first_who_ask_wait_at_all(
        self, probe: Probe[str], server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server.speaks.clear()
        ask(probe)
        waits: list[float] = []
        monkeypatch.setattr(probe._changed, "wait_for", lambda _condition, timeout: waits.append(timeout))
        ask(probe)
        assert waits == [0.0]

    def test_a_fresh_answer_counts_meanwhile(
        self, probe: Probe[str], server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        eventually(lambda: ask(probe).answer == "well")
        monkeypatch.setattr(probes, "FRESH_SECONDS", 3_600.0)
        server.speaks.clear()
        before = probe.finding()
        assert ask(probe) == before


class TestCost:
    def test_nobody_asks_any_more(self, probe: Probe[str], server: Server) -> None:
        ask(probe)
        (thread,) = server.threads
        thread.join(PATIENCE_SECONDS)
        assert (probe._thread, server.sessions) == (None, 0)

    def test_then_somebody_asks_again(self, probe: Probe[str], server: Server) -> None:
        ask(probe)
        (thread,) = server.threads
        thread.join(PATIENCE_SECONDS)
        assert ask(probe).answer == "well"

    def test_one_session_for_many_questions(
        self, probe: Probe[str], server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(probes, "KEEP_SECONDS", 60.0)
        for _ in range(5):
            ask(probe)
        assert (server.questions, server.sessions, len(server.threads)) == (5, 1, 1)
