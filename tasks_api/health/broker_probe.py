"""How a probe asks the broker: what keeps it from answering is told as `Away`."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from tasks_api.broker.connection import Broker, BrokerAway, BrokerRefuses
from tasks_api.health.probes import Away

Answer = TypeVar("Answer")


def session_for(
    question: Callable[[Broker], Answer],
) -> Callable[[], AbstractContextManager[Callable[[], Answer]]]:
    """What a `Probe` of the broker begins with, for this question."""

    @contextmanager
    def session() -> Iterator[Callable[[], Answer]]:
        broker = Broker()

        def ask() -> Answer:
            try:
                return question(broker)
            except BrokerRefuses as error:
                raise Away(error, reason=str(error)) from error
            except BrokerAway as error:
                raise Away(error) from error

        try:
            yield ask
        finally:
            broker.close()

    return session
