"""The customer: posts tasks, cancels some, and remembers every answer."""

import logging
import threading
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

import httpx

from misc.chaos.evidence import Customer
from misc.chaos.load import Body, Load, Rhythm, batches, rhythms
from misc.chaos.service import Service
from tasks_api.lifecycle import Status

LEAD_SECONDS = 8
"""Until the first instant: by then all schedules are there."""
CANCELLED_AT_ONCE = 3
REMEMBERED = 100
PATIENCE_SECONDS = 20

logger = logging.getLogger(__name__)


class Shopper:
    """One customer of the service. Posts from a thread of its own, and from others when asked to."""

    def __init__(self, service: Service, chance: Random) -> None:
        self.heard = Customer()
        self._service = service
        self._chance = chance
        self._numbers = count(1)
        self._recent: deque[str] = deque(maxlen=REMEMBERED)
        self._leave = threading.Event()
        self._http = httpx.Client(base_url=service.stack.url, timeout=PATIENCE_SECONDS, trust_env=False)

    def order_schedules(self, load: Load) -> None:
        """Create the schedules. Nothing is broken yet, so each is accepted."""
        begin = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=LEAD_SECONDS)
        for number, rhythm in enumerate(rhythms(self._chance, load, begin)):
            self.heard.schedules[self._order_schedule(number, rhythm)] = rhythm

    def post(self, bodies: list[Body]) -> list[str]:
        """Post a batch once. The ids; none if there was no answer, or a refusal for now."""
        tag = f"batch {next(self._numbers)}"
        tagged = [body | {"tags": [tag]} for body in bodies]
        # Before it is sent: whatever comes of it, it may exist.
        self.heard.doubtful[tag] = len(bodies)
        try:
            answer = self._http.post("/tasks/batch-request/", json=tagged)
        except httpx.HTTPError as error:
            logger.debug("%s got no answer: %s", tag, error)
            return []
        if answer.status_code != httpx.codes.ACCEPTED:
            return self._refused(answer)
        ids = [task["id"] for task in answer.json()["tasks"]]
        self.heard.accepted[tag] = ids
        del self.heard.doubtful[tag]
        return ids

    def insist(self, bodies: list[Body]) -> list[str]:
        """Post a batch until it is accepted, each time as a new one."""
        ids: list[str] = []
        while not ids and not self._leave.is_set():
            ids = self.post(bodies)
            if not ids:
                self._leave.wait(0.1)
        return ids

    def leave(self) -> None:
        """Stop whatever it is doing."""
        self._leave.set()

    def close(self) -> None:
        """Let go of its connections."""
        self._http.close()

    def shop(self, load: Load) -> None:
        """Post everything, evenly over the time there is, and cancel a few of each batch's forerunners."""
        orders = list(batches(self._chance, load))
        pause = load.seconds / len(orders)
        for order in orders:
            self._recent.extend(self.insist(order))
            self.cancel(self._chance.sample(sorted(self._recent), CANCELLED_AT_ONCE))
            self._leave.wait(pause)

    def cancel(self, ids: Iterable[str]) -> None:
        """Cancel tasks, and remember what the service said of each. What it does not answer is not counted on."""
        for task_id in ids:
            try:
                answer = self._http.post(f"/tasks/{task_id}/cancel/")
            except httpx.HTTPError as error:
                logger.debug("a cancellation got no answer: %s", error)
                continue
            if answer.is_success:
                self.heard.cancelled.add(task_id)
                self._remember(task_id, answer.json()["status"], answer.json()["attempt"])

    def _remember(self, task_id: str, status: str, attempt: int) -> None:
        if status == Status.REVOKED:
            self.heard.revoked[task_id] = attempt
        else:
            self.heard.asked.add(task_id)

    def _order_schedule(self, number: int, rhythm: Rhythm) -> str:
        answer = self._http.post("/task-schedules/", json=rhythm.body(number))
        answer.raise_for_status()
        return str(answer.json()["id"])

    def _refused(self, answer: httpx.Response) -> list[str]:
        if not answer.is_server_error:
            raise RuntimeError(f"a good batch was refused: {answer.status_code} {answer.text}")
        return []
