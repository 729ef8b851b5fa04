"""What a key may be held to besides its scopes, and whether one set of restrictions is within another. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from access.rates.gcra import Rate

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Restrictions:
    """None everywhere: nothing is restricted."""

    operations: tuple[str, ...] | None = None
    """Names of operations; `*` stands for any characters."""
    max_priority: int | None = None
    networks: tuple[str, ...] | None = None
    """In CIDR form: where requests must come from."""
    pins: tuple[tuple[str, str], ...] = ()
    """An operation, and a JSON Schema, as text, that its arguments must satisfy, too."""
    expires_at: datetime | None = None
    rate: Rate | None = None
    """None: the usual one, if there is one."""

    def allows_operation(self, name: str) -> bool:
        """Whether tasks may run this operation."""
        return self.operations is None or any(matches(pattern, name) for pattern in self.operations)

    def allows_priority(self, priority: int) -> bool:
        """Whether tasks may be as urgent."""
        return self.max_priority is None or priority <= self.max_priority

    def allows_address(self, address: str | None) -> bool:
        """Whether requests may come from there; None: nobody knows from where."""
        return self.networks is None or any(_is_within(address, network) for network in self.networks)

    def pin_of(self, operation: str) -> str | None:
        """The schema that this operation's arguments must satisfy."""
        return dict(self.pins).get(operation)

    @property
    def concern_tasks(self) -> bool:
        """Whether it matters which task a request brings about."""
        return self.operations is not None or self.max_priority is not None or bool(self.pins)


NO_RESTRICTIONS = Restrictions()


def matches(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern, of which only `*` is more than itself. No regular expression: patterns come from
    outside, and with many stars one would take for ever."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == name
    *between, last = others
    if not name.startswith(first):
        return False
    at = len(first)
    for part in between:
        found = name.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(name) - at >= len(last) and name.endswith(last)


@lru_cache(maxsize=1024)
def network_of(text: str) -> Network:
    """A network in CIDR form, or one address. Raises ValueError."""
    return ip_network(text)


def _is_within(address: str | None, network: str) -> bool:
    if address is None:
        return False
    found = ip_address(address)
    return found in network_of(network)


def excesses(mine: Restrictions, wanted: Restrictions) -> Iterator[tuple[str, str]]:
    """Where `wanted` allows more than `mine` does: the field, and what it must be. Nobody gives more than they have."""
    if mine.operations is not None and not _are_within(wanted.operations, mine.operations, matches):
        yield "operations", f"must be within {', '.join(mine.operations)}, as your own key"
    if mine.max_priority is not None and (
        wanted.max_priority is None or wanted.max_priority > mine.max_priority
    ):
        yield "max_priority", f"must be at most {mine.max_priority}, as your own key's"
    if mine.networks is not None and not _are_within(wanted.networks, mine.networks, _is_subnet):
        yield "networks", f"must be within {', '.join(mine.networks)}, as your own key"
    if not set(mine.pins) <= set(wanted.pins):
        yield "pins", "must have each pin of your own key as it is there"
    if mine.expires_at is not None and (wanted.expires_at is None or wanted.expires_at > mine.expires_at):
        yield "expires_at", "must not be later than your own key's"
    if mine.rate is not None and (wanted.rate is None or wanted.rate.exceeds(mine.rate)):
        yield (
            "rate",
            f"must be at most {mine.rate.limit} in {mine.rate.window_seconds} seconds, as your own key's",
        )


def _are_within(
    wanted: Sequence[str] | None, mine: Sequence[str], is_within: Callable[[str, str], bool]
) -> bool:
    return wanted is not None and all(any(is_within(wide, one) for wide in mine) for one in wanted)


def _is_subnet(wide: str, one: str) -> bool:
    outer, inner = network_of(wide), network_of(one)
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network):
        return inner.subnet_of(outer)
    return False
