"""Where faults strike, and whom they struck."""

from collections.abc import Callable, Iterable
from random import Random
from typing import NamedTuple, TypeVar

from misc.chaos.evidence import Try
from misc.chaos.load import Load, flood, long_ones
from misc.chaos.service import WORKERS, Service, happens
from tasks_api.window import IDLE

T = TypeVar("T")

NOTICE_SECONDS = 60
BUSY = WORKERS // 2
FLOOD = 500
"""Tasks of one request that let a backlog grow."""

Healed = Callable[[], object]
Post = Callable[[list[dict[str, object]]], list[str]]


class Scene:
    """The service, what is needed to strike it in the middle of something, and whom it cost what."""

    def __init__(self, service: Service, chance: Random, load: Load, post: Post) -> None:
        self.service = service
        self.chance = chance
        self.load = load
        self.victims: set[Try] = set()
        self._post = post
        self._hit: set[int] = set()
        self._present: set[int] = set()

    def prepare(self, faults: Iterable["Fault"]) -> None:
        """Let there be what these faults hit. Nothing is broken yet."""
        self._hit = set()
        self._present = set(self.service.pids("worker"))
        needs = {fault.needs for fault in faults}
        # The backlog last, as it is worked off while the others are prepared.
        for prepare in (Scene.keep_busy, Scene.fill_backlog):
            if prepare in needs:
                prepare(self)

    def a(self, role: str) -> int:
        """One of the processes of a role, another one each time, and one that was there in time if there is any."""
        pids = must(lambda: self.left(role), f"no {role} is left to strike")
        pid = self.chance.choice(sorted(pids & self._present or pids))
        self._hit.add(pid)
        return pid

    def left(self, role: str) -> set[int]:
        """The processes of a role that were not struck yet."""
        return set(self.service.pids(role)) - self._hit

    def both(self, role: str) -> list[int]:
        """The two processes of a role."""
        must(lambda: len(self.service.pids(role)) == 2, f"there are no two of the role {role}")
        return self.service.pids(role)

    def hit(self, pid: int) -> None:
        """This process was struck."""
        self._hit.add(pid)

    def struck(self, victims: Iterable[Try]) -> Healed:
        """Tries that will bring no result: healed when none of them passes for running any more."""
        found = set(victims)
        self.victims |= found
        statement = "SELECT id::text, attempt FROM task WHERE status = 'STARTED'"
        return lambda: not found & {Try(*row) for row in self.service.rows(statement)}

    def keep_busy(self) -> None:
        """Let each worker run several tasks."""
        self.add_work()
        must(self._all_are_busy, "a worker has little to do")

    def add_work(self) -> None:
        """Let there be something to do for some seconds. Waits until the service accepts it."""
        self._post(long_ones(4 * WORKERS))

    def fill_backlog(self) -> None:
        """Let many windows wait in Postgres. One that has grown while it was dry counts as it is at first."""
        priority = self.chance.randint(1, 7)
        while self.service.waiting() < self.load.windows * min(IDLE, self.service.window(priority)):
            self._post(flood(FLOOD, priority))

    def _all_are_busy(self) -> bool:
        service = self.service
        return all(len(service.running_on(service.node(pid))) >= BUSY for pid in service.pids("worker"))


def nothing(_: Scene) -> None:
    """What is there is enough."""


class Fault(NamedTuple):
    """A way to hurt the service."""

    name: str
    strike: Callable[[Scene], Healed]
    needs: Callable[[Scene], None] = nothing
    is_first: bool = False
    """Whether it catches the service at something, which must not be broken yet."""


def must(find: Callable[[], T], otherwise: str) -> T:
    """Wait for what has to come true. What it is."""
    found: list[T] = []

    def look() -> T:
        found.append(find())
        return found[-1]

    if not happens(look, NOTICE_SECONDS):
        raise RuntimeError(otherwise)
    return found[-1]
