"""What the operator decides: which inward targets may be asked, which public ones may not, whom to trust."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import NamedTuple

from operations.http.ip_addresses import Address, Network, faces, plain, special
from operations.http.target import InvalidTarget, Target, read_host


class Allowance(NamedTuple):
    """One entry of the operator's list: a network or a host, at one port or at all."""

    network: Network | None
    host: str | None
    port: int | None

    def opens(self, target: Target, address: Address, *, by_name: bool) -> bool:
        """Whether it lets this target lead to this address."""
        if self.port not in (None, target.port):
            return False
        if self.network is not None:
            return address in self.network
        return by_name and self.host == target.host

    def names(self, target: Target) -> bool:
        """Whether it is this very host or address that the target has."""
        if self.port not in (None, target.port):
            return False
        if self.network is not None:
            return target.address is not None and plain(target.address) in self.network
        return self.host == target.host


@dataclass(frozen=True, slots=True)
class Policy:
    """Where requests may go. Without entries: to every public address, and to no other."""

    allowed: tuple[Allowance, ...] = ()
    refused: tuple[Network, ...] = ()

    def refusal(self, target: Target, address: Address) -> str | None:
        """What the address is that the target may not lead to, or None if it may."""
        for face in faces(address):
            for network, meaning, by_name in self._obstacles(face):
                if not any(entry.opens(target, face, by_name=by_name) for entry in self.allowed):
                    return f"{meaning} ({network})"
        return None

    def _obstacles(self, address: Address) -> Iterable[tuple[Network, str, bool]]:
        known = special(address)
        if known:
            yield known
        for network in self.refused:
            if address in network:
                yield network, "an address that the operator refuses", True


def read_policy(allowed: Iterable[str], refused: Iterable[str]) -> Policy:
    """The policy that two lists say. Raises ValueError for an entry that cannot be read; it says what to mend.

    `allowed` has networks (`10.20.0.0/16`), addresses and hosts, each at one port if it ends like `:8443`;
    `refused` has networks and addresses.
    """
    return Policy(tuple(map(read_allowance, allowed)), tuple(map(read_refusal, refused)))


def read_allowance(entry: str) -> Allowance:
    """One entry of the first list. Raises ValueError."""
    network = _network(entry)
    if network is not None:
        return Allowance(network, None, None)
    host, port = _split_port(entry)
    network = _network(host.removeprefix("[").removesuffix("]"))
    if network is not None:
        return Allowance(network, None, port)
    try:
        return Allowance(None, read_host(host.lower())[0], port)
    except InvalidTarget:
        raise ValueError(
            f"{entry!r} is neither a host nor a network: write billing.example, billing.example:8443, "
            "10.20.0.0/16, 10.20.0.7:8443, fd00::/8 or [fd00::7]:8443"
        ) from None


def read_refusal(entry: str) -> Network:
    """One entry of the second list. Raises ValueError."""
    network = _network(entry)
    if network is None:
        raise ValueError(f"{entry!r} is no network: write 10.20.0.0/16, 10.20.0.7 or fd00::/8")
    return network


def _split_port(entry: str) -> tuple[str, int | None]:
    host, colon, port = entry.rpartition(":")
    if not colon or not re.fullmatch("[0-9]{1,5}", port):
        return entry, None
    if not 1 <= int(port) <= 65_535:
        raise ValueError(f"{entry!r} has no port from 1 to 65535")
    return host, int(port)


def _network(text: str) -> Network | None:
    try:
        network = ip_network(text)
    except ValueError:
        return None
    if plain(network.network_address) != network.network_address:
        raise ValueError(f"{text!r} would match nothing: write it as IPv4, and without a zone")
    return network
