"""What must be true of the audit log: each change left its event, and no chain is broken. Pure."""

from collections.abc import Iterator

from access.audit.chain import Break, check
from misc.chaos.evidence import Evidence


def every_chain_is_intact(evidence: Evidence) -> Iterator[str]:
    """No two sweepers forked it, and none that was killed left half of a turn."""
    for chain in evidence.chains:
        try:
            check(chain.head, iter(chain.links))
        except Break as error:
            yield f"project {chain.project_id}: {error}"


def every_event_is_sealed(evidence: Evidence) -> Iterator[str]:
    """What waits for its place gets it, whoever died meanwhile."""
    if evidence.unsealed:
        yield f"{evidence.unsealed} events have no place in their chain"


def every_cancellation_left_an_event(evidence: Evidence) -> Iterator[str]:
    """What was answered with 200 is in the log, once."""
    told = [link.event["target_id"] for chain in evidence.chains for link in chain.links if link.event]
    for task_id in sorted(evidence.customer.cancelled):
        if task_id not in told:
            yield f"{task_id} was cancelled, and no event tells of it"


TRACE_CHECKS = (every_chain_is_intact, every_event_is_sealed, every_cancellation_left_an_event)
