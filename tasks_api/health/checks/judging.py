"""What facts mean: one function for each check. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from tasks_api.health.checks.found import Found, fail, ok, warn

SKEW_WARNS, SKEW_FAILS = 1.0, 5.0
"""Seconds. Clocks of machines are in ids and in what a log says; what is compared is the database's."""
CONNECTIONS_WARN = 0.9
LITTLE, HARDLY_ANY = 0.1, 0.02
"""Of a disk, what is free."""
ENOUGH = 50 * 10**9
"""Bytes that are enough, however large a disk is."""
UNSEALED_WARNS, UNSEALED_FAILS = 60.0, 3_600.0
POSTGRES = 18
BROKERS: Mapping[str, tuple[int, ...]] = {"Redis": (7,), "Valkey": (8,), "RabbitMQ": (3, 10)}
NEVER_EVICTS = "noeviction"
SHOWN = 5


def clocks(offsets: Mapping[str, float]) -> Found:
    """By name of a machine or a process, by how many seconds its clock is ahead of the database's."""
    wrong = {name: offset for name, offset in offsets.items() if abs(offset) >= SKEW_WARNS}
    if not wrong:
        most = max(map(abs, offsets.values()), default=0.0)
        return ok(
            f"the clocks of web and {len(offsets) - 1} processes differ from the database's by at most {most:.2f} s"
        )
    said = listed(f"{name} by {offset:+.1f} s" for name, offset in wrong.items())
    verdict = fail if max(map(abs, wrong.values())) >= SKEW_FAILS else warn
    return verdict(
        f"clocks differ from the database's: {said}",
        "Keep the clocks of all machines right, by chrony or systemd-timesyncd: `timedatectl set-ntp true`.",
    )


def eviction(policy: str | None, memory_limit: int, memory_used: int) -> Found:
    """Of Redis or Valkey."""
    if policy is None:
        return warn(
            "the broker does not tell its maxmemory-policy",
            "Let its user run INFO, or see yourself that maxmemory-policy is noeviction.",
        )
    mend = (
        "Set `maxmemory-policy noeviction` in the broker's configuration; a full broker then refuses instead."
    )
    if policy != NEVER_EVICTS:
        detail = f"maxmemory-policy is {policy}, so messages are dropped when memory is full"
        return fail(detail, mend) if memory_limit else warn(f"{detail}; so far it has no limit", mend)
    if memory_limit and memory_used > CONNECTIONS_WARN * memory_limit:
        return warn(
            f"the broker uses {size(memory_used)} of {size(memory_limit)}",
            "Raise its maxmemory, or see what else is kept in it.",
        )
    return ok(f"the broker drops nothing, and uses {size(memory_used)}")


def priorities(*, sorts: bool) -> Found:
    """Whether two messages came in the order of their priorities."""
    if sorts:
        return ok("the more urgent of two messages came first")
    return fail(
        "the more urgent of two messages did not come first",
        "On RabbitMQ, see that no policy makes quorum queues or streams of ours; delete the queue `tasks` while "
        "nothing runs: it is made again, and what waits is sent again.",
    )


def connections(most: int, connected: int, *, web: int, slots: int, workers: int, others: int) -> Found:
    """How many there may be, are, and will be needed."""
    needed = web + 2 * slots + 2 * workers + 3 * others
    said = (
        f"{connected} of {most} connections are in use; at most {needed} are needed: {web} by this web service, "
        f"{2 * slots + 2 * workers} by {count(workers, 'worker')}, {3 * others} by sweepers and beats"
    )
    mend = "Raise max_connections of Postgres, or lower WEB_THREADS and WORKERS. Another web service needs as many."
    if connected >= most:
        return fail(said, mend)
    return warn(said, mend) if needed > most or connected > CONNECTIONS_WARN * most else ok(said)


class Room(NamedTuple):
    """What is free of a place for files, in bytes."""

    name: str
    free: int
    total: int


def disk(rooms: Sequence[Room], database_size: int, *, sees_database: bool) -> Found:
    """Places for files that can be seen."""
    said = [f"{size(room.free)} of {size(room.total)} are free for {room.name}" for room in rooms]
    told = f"the database has {size(database_size)}; {', '.join(said)}"
    if not sees_database:
        told += "; how much is free on the database's machine cannot be seen from here"
    mend = (
        "Make room: a full disk stops the database. Shorter RETENTION_SUCCESS_DAYS let old tasks go sooner."
    )
    shares = [room.free / room.total for room in rooms if room.total and room.free < ENOUGH]
    if any(share < HARDLY_ANY for share in shares):
        return fail(told, mend)
    return warn(told, mend) if any(share < LITTLE for share in shares) else ok(told)


def versions(own: str, nodes: Mapping[str, str | None]) -> Found:
    """By name of a process, its version. None: of before it was told."""
    others = {name: version for name, version in nodes.items() if version != own}
    if not others:
        return ok(f"web and {count(len(nodes), 'process', 'processes')} are of version {own}")
    said = listed(f"{name} is {version or 'of before 0.1.0'}" for name, version in others.items())
    return warn(
        f"web is {own}, but {said}",
        "End the upgrade: replace what is of another version. POST /workers/{id}/drain/ ends a worker in order.",
    )


def postgres_version(number: int) -> Found:
    """As `server_version_num`."""
    said = f"Postgres {number // 10_000}.{number % 10_000}"
    if number >= POSTGRES * 10_000:
        return ok(said)
    return fail(
        f"{said} is older than {POSTGRES}", f"Upgrade the server to Postgres {POSTGRES}, by pg_upgrade."
    )


def broker_away(reason: str) -> Found:
    """In place of what it should have told."""
    return warn(
        f"the broker could not be asked: {reason}",
        "Bring it back, empty or not: what waits is sent again. GET /health/ready/ tells since when it is away.",
    )


def broker_version(product: str, version: tuple[int, ...] | None) -> Found:
    """The name of the server, and its version; None: it does not tell."""
    least = BROKERS.get(product)
    if version is None or least is None:
        mend = f"Use one of these: {listed(BROKERS)}, or try yourself whether all works with this one."
        return warn(f"{product} is not known, or does not tell its version", mend)
    said, wanted = ".".join(map(str, version)), ".".join(map(str, least))
    if version >= least:
        return ok(f"{product} {said}")
    return fail(f"{product} {said} is older than {wanted}", f"Upgrade it to {product} {wanted} or newer.")


def time_zone_data(own: str, stored: str | None, nodes: Mapping[str, str | None], now: datetime) -> Found:
    """Releases: the one installed here, by which schedules were computed, and by name of a process."""
    others = {name: found for name, found in nodes.items() if found not in (own, None)}
    if others:
        said = listed(f"{name} has {found}" for name, found in others.items())
        return warn(
            f"web has {own}, but {said}",
            "Install the same version of tzdata everywhere: same image, same lock.",
        )
    if stored is not None and stored != own:
        return warn(
            f"{own} is installed, but schedules were computed by {stored}",
            "Start a sweeper anew: its first sweep computes them by what is installed.",
        )
    if (year := _year(own)) is not None and now.year - year > 1:
        return warn(
            f"{own} is old: governments change clocks each year", "Upgrade Punctual, or tzdata alone."
        )
    return ok(f"release {own}, everywhere")


def _year(release: str) -> int | None:
    first = release.partition(".")[0]
    return int(first) if first.isdecimal() else None


def open_access(*, is_open: bool, is_reachable: bool) -> Found:
    """Whether nobody needs a key, and whether others than this machine reach the service."""
    if not is_open:
        return ok("nobody comes in without a key or a password")
    if is_reachable:
        return fail(
            "whoever reaches this service may do everything",
            "Make the first key: `manage.py keys create --role admin`. It closes the service to others.",
        )
    return ok("nobody needs a key, and only this machine reaches the service")


def audit_log(unsealed_seconds: float | None) -> Found:
    """For how long the oldest event has waited for its place in the chain; None: none does."""
    if unsealed_seconds is None or unsealed_seconds < UNSEALED_WARNS:
        return ok("all events are sealed, but for those of the last minute")
    verdict = fail if unsealed_seconds >= UNSEALED_FAILS else warn
    return verdict(
        f"an event has waited for {unsealed_seconds:.0f} s to be sealed",
        "The sweep seals. See that a sweeper is alive, and its log for `sealing the audit log`.",
    )


def processes(missing: Sequence[str], failures: Mapping[str, str]) -> Found:
    """Roles of which none is alive, and by role what fails in one that is."""
    if missing:
        return fail(
            f"no {' and no '.join(missing)} is alive",
            "Start one: `manage.py start ROLE`. The log of the one before says why it ended.",
        )
    if failures:
        said = listed(f"{role}: {failure}" for role, failure in failures.items())
        return warn(
            said, "The log has the ids of rows that are left out, and why. They are tried again each minute."
        )
    return ok("at least one worker, sweeper and beat are alive, and nothing fails in them")


def schedules(errors: int, most: int) -> Found:
    """How many schedules are set aside, counted up to `most`."""
    if not errors:
        return ok("no schedule is set aside")
    said = (
        f"{errors:,} or more schedules are"
        if errors >= most
        else f"{count(errors, 'schedule')} {_is(errors)}"
    )
    return warn(
        f"{said} set aside with the status error, in all projects",
        "GET /task-schedules/?status=error lists those of a project, with `error`. An edit that mends it resumes it.",
    )


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def listed(parts: Iterable[str]) -> str:
    """The first few, and how many there are besides."""
    found = list(parts)
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: float) -> str:
    """Bytes, as people read them."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1_000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1_000
    return f"{number:.1f} TB"
