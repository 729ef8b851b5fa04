"""Every change of a task's state: one guarded statement each. The row count says who won.

All comparisons of time use the database's clock. Outside of a transaction each statement commits by itself.
What is searched for by time is compared with `statement_timestamp()`: an index serves no `clock_timestamp()`,
which may be another one for each row.
A limited choice of rows stands in an ARRAY, which is computed once: within IN it may be computed again for each row,
and then skips those just changed and finds others, beyond its limit.
"""

from tasks_api.transitions.backlog import (
    Held,
    close_gates,
    count_sent,
    hold,
    let_go,
    look,
    make_windows,
    note_filled,
    open_gates,
    renew,
    slots,
    take_next,
)
from tasks_api.transitions.dispatch import (
    ALL_PRIORITIES,
    overdue,
    return_sent_before,
    take_back,
    take_due,
    take_lost,
)
from tasks_api.transitions.ending import Ending
from tasks_api.transitions.requests import Edit, cancel, cancel_of_schedules, edit, expire, revive
from tasks_api.transitions.rescue import (
    NODE_GAP_SECONDS,
    NODE_LEASE_SECONDS,
    cancelled_on,
    hand_back,
    hand_back_free,
    rescue_from_dead_nodes,
    rescue_overdue,
    rescue_run,
    started_on,
)
from tasks_api.transitions.runs import (
    Run,
    claim,
    fail,
    is_cancelled,
    lift_time_limit,
    report,
    sources,
    succeed,
)

__all__ = [
    "ALL_PRIORITIES",
    "NODE_GAP_SECONDS",
    "NODE_LEASE_SECONDS",
    "Edit",
    "Ending",
    "Held",
    "Run",
    "cancel",
    "cancel_of_schedules",
    "cancelled_on",
    "claim",
    "close_gates",
    "count_sent",
    "edit",
    "expire",
    "fail",
    "hand_back",
    "hand_back_free",
    "hold",
    "is_cancelled",
    "let_go",
    "lift_time_limit",
    "look",
    "make_windows",
    "note_filled",
    "open_gates",
    "overdue",
    "renew",
    "report",
    "rescue_from_dead_nodes",
    "rescue_overdue",
    "rescue_run",
    "return_sent_before",
    "revive",
    "slots",
    "sources",
    "started_on",
    "succeed",
    "take_back",
    "take_due",
    "take_lost",
    "take_next",
]
