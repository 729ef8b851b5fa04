"""The checks of whatever runs tasks: from facts to what they mean."""

from collections.abc import Callable

from tasks_api.broker.server_facts import ServerFacts
from tasks_api.health.checks import judging
from tasks_api.health.checks.check import Check
from tasks_api.health.checks.facts import Facts
from tasks_api.health.checks.found import Found, ok
from tasks_api.models import SERVICE_ROLES, Role


def _of_broker(judge: Callable[[ServerFacts], Found]) -> Callable[[Facts], Found]:
    """A check for which the broker has to be there."""

    def judge_if_there(facts: Facts) -> Found:
        found = facts.broker
        return judging.broker_away(found.reason) if found.answer is None else judge(found.answer)

    return judge_if_there


def _eviction(broker: ServerFacts) -> Found:
    if broker.product not in ("Redis", "Valkey"):
        return ok(f"{broker.product} drops no messages when memory is full")
    return judging.eviction(broker.eviction, broker.memory_limit, broker.memory_used)


def _processes(facts: Facts) -> Found:
    roles = {role: facts.roles[role] for role in SERVICE_ROLES}
    missing = [role.value for role, present in roles.items() if not present.alive]
    failures = {role.value: present.failure for role, present in roles.items() if present.failure}
    return judging.processes(missing, failures)


def _clocks(facts: Facts) -> Found:
    offsets = {
        node.name: node.clock_offset_seconds for node in facts.nodes if node.clock_offset_seconds is not None
    }
    return judging.clocks({"web": facts.database.clock_offset_seconds, **offsets})


def _connections(facts: Facts) -> Found:
    workers = [node for node in facts.nodes if node.role == Role.WORKER]
    return judging.connections(
        facts.database.connections,
        facts.database.connected,
        web=facts.web_connections,
        slots=sum(node.slots or 0 for node in workers),
        workers=len(workers),
        others=len(facts.nodes) - len(workers),
    )


def _disk(facts: Facts) -> Found:
    rooms = [judging.Room(*space) for space in facts.spaces]
    return judging.disk(rooms, facts.database.size, sees_database=len(rooms) > 1)


def _versions(facts: Facts) -> Found:
    return judging.versions(facts.version, {node.name: node.version for node in facts.nodes})


def _audit_log(facts: Facts) -> Found:
    since = facts.database.unsealed_since
    return judging.audit_log(None if since is None else (facts.database.now - since).total_seconds())


CHECKS: tuple[Check[Facts], ...] = (
    Check("processes", _processes),
    Check("versions", _versions),
    Check("clocks", _clocks),
    Check("postgres_version", lambda facts: judging.postgres_version(facts.database.version)),
    Check("connections", _connections),
    Check("disk", _disk),
    Check(
        "broker_version", _of_broker(lambda broker: judging.broker_version(broker.product, broker.version))
    ),
    Check("eviction", _of_broker(_eviction)),
    Check("priorities", _of_broker(lambda broker: judging.priorities(sorts=broker.sorts))),
    Check("audit_log", _audit_log),
    Check(
        "open_access",
        lambda facts: judging.open_access(is_open=facts.is_open, is_reachable=facts.is_reachable),
    ),
)
