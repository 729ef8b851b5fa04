"""The release: hands what waits in Postgres over to the broker, as room appears there.

It is the one place where a task that is due may be held back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks_api import transitions
from tasks_api.broker.connection import Broker, BrokerAway
from tasks_api.broker.messages import Message
from tasks_api.isolation.duties import Duty
from tasks_api.lifecycle import RESEND_SECONDS
from tasks_api.window import IDLE, NEARLY_DRY, ROOMY, Filling, Window, resized

MOST_ROUNDS = 5
"""While requests go on adding to what waits, the last of it is gone after a few rounds, each smaller than the one
before; the rest is for the next release."""


@dataclass(frozen=True, slots=True)
class Released:
    """How many tasks were handed over, and after how many starts of one worker to look again."""

    count: int
    next_look: int
    is_done: bool = True
    """Whether nothing is left to wait, as far as one can see."""
    is_full: bool = False
    """Whether more waits of a priority of which the broker holds what it may."""


def release(broker: Broker, duty: Duty) -> Released:
    """Fill up the windows, the most urgent first. Any number of processes may do so, each window is filled by one.

    Raises BrokerAway.
    """
    windows = transitions.look(duty)
    in_need = [window.priority for window in windows if window.needs_care]
    if not in_need:
        return Released(0, _starts_until_dry([IDLE], workers=1))
    slots, workers = transitions.slots()
    held = transitions.hold(in_need)
    try:
        filled = _fill_all(held, broker, slots, duty)
    finally:
        transitions.let_go(held)
    return Released(
        filled.count,
        _starts_until_dry(filled.left or [IDLE], workers=workers),
        is_done=filled.is_done and len(held) == len(in_need),
        is_full=bool(filled.left),
    )


def _starts_until_dry(messages: Sequence[int], *, workers: int) -> int:
    """Of one worker, until any window with so many messages is nearly dry, however the workers share it."""
    return max(1, round((1 - NEARLY_DRY) * min(messages)) // max(1, workers))


@dataclass(slots=True)
class _Filled:
    """How many tasks were handed over, the messages in each window of which more waits, and whether nothing does."""

    count: int
    left: Sequence[int]
    is_done: bool


def _fill_all(held: transitions.Held, broker: Broker, slots: int, duty: Duty) -> _Filled:
    count, fillings, is_open = 0, list[Filling](), True
    for _ in range(MOST_ROUNDS):
        windows = [window for window in transitions.look(duty) if window.priority in held]
        transitions.close_gates([window.priority for window in windows if _is_to_close(window)])
        fillings = [_fill(window, broker, slots, duty) for window in windows if window.needs_care]
        transitions.note_filled(fillings)
        taken = sum(filling.taken for filling in fillings)
        count += taken
        is_open = transitions.open_gates([each.priority for each in fillings if each.is_through], duty)
        if is_open or not taken:
            break
        transitions.renew(held)
    left = [filling.sent for filling in fillings if not filling.is_through]
    return _Filled(count, left, is_done=is_open and not left)


def _is_to_close(window: Window) -> bool:
    return window.is_open and (window.has_backlog or window.sent >= window.size)


def _fill(window: Window, broker: Broker, slots: int, duty: Duty) -> Filling:
    if window.is_of_other_times:
        return Filling(window.priority, IDLE, sent=0, taken=0, is_through=True)
    size = resized(window, slots)
    room = max(0, size - window.sent)
    messages = (
        transitions.take_next(window.priority, room, resend_seconds=RESEND_SECONDS, duty=duty)
        if room and window.has_backlog
        else []
    )
    hand_over(broker, messages)
    sent = window.sent + len(messages)
    is_through = len(messages) < room and sent <= ROOMY * size
    return Filling(window.priority, size, sent, taken=len(messages), is_through=is_through)


def hand_over(broker: Broker, messages: Sequence[Message]) -> None:
    """Publish what was marked as sent. Raises BrokerAway: then it waits for room again."""
    if not messages:
        return
    try:
        broker.publish(messages)
    except BrokerAway:
        transitions.take_back(messages)
        raise
